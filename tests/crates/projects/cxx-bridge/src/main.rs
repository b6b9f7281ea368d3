//! C++ with containers, streams and exceptions behind a bridge; an exception becomes an error of Rust.
#[cxx::bridge]
mod ffi {
    unsafe extern "C++" {
        include!("cxx-bridge/src/words.h");
        fn words(text: &str) -> Result<Vec<String>>;
    }
}

fn main() {
    println!("{}", ffi::words("pin the old symbols the linker finds").expect("there is text").join(" "));
    println!("caught: {}", ffi::words("").expect_err("there is none").what());
}
