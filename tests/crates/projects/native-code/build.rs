fn main() {
    cc::Build::new().file("c/by_cc.c").compile("by_cc");
    let built = cmake::Config::new("c").build();
    println!("cargo:rustc-link-search=native={}/lib", built.display());
    println!("cargo:rustc-link-lib=static=by_cmake");
    let bindings = bindgen::Builder::default().header("c/by_cc.h").allowlist_function("by_.*").allowlist_type("answers");
    let out = std::path::PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    bindings.generate().expect("the header is C").write_to_file(out.join("bindings.rs")).expect("it can be written");
}
