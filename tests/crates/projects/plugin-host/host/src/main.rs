//! Loads a shared library beside itself while it runs, calls it from another thread, and unloads it.
use libloading::{Library, Symbol};

fn main() {
    let path = std::env::current_exe().expect("a program has a path").with_file_name("libplugin.so");
    let library = unsafe { Library::new(path) }.expect("the plugin loads");
    let answer = std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let count: Symbol<unsafe extern "C" fn(u32) -> u64> = unsafe { library.get(b"plugin_count\0") }.expect("has it");
            unsafe { count(1000) }
        });
        worker.join().expect("the thread ends")
    });
    library.close().expect("the plugin unloads");
    println!("the plugin counted {answer}");
}
