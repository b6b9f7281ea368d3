fn main() {
    cxx_build::bridge("src/main.rs").file("src/words.cc").std("c++17").compile("words");
    println!("cargo:rerun-if-changed=src/words.cc");
    println!("cargo:rerun-if-changed=src/words.h");
}
