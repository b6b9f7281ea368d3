// LINK_WITH_PYTHON: the words with which CPython's own interpreter was linked, for the libraries inside of it.
fn main() {
    println!("cargo:rerun-if-env-changed=LINK_WITH_PYTHON");
    // The extension modules of the installation take CPython's functions from the program.
    println!("cargo:rustc-link-arg-bins=-Wl,--export-dynamic");
    for word in std::env::var("LINK_WITH_PYTHON").unwrap_or_default().split_whitespace() {
        println!("cargo:rustc-link-arg-bins={word}");
    }
}
