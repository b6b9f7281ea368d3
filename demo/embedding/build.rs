// The extension modules of the installation take CPython's functions from the program.
fn main() {
    println!("cargo:rustc-link-arg-bins=-Wl,--export-dynamic");
    for library in ["m", "dl", "util", "pthread"] {
        println!("cargo:rustc-link-arg-bins=-l{library}");
    }
}
