fn main() {
    let here = std::thread::spawn(|| std::env::args().count()).join().expect("a build script has threads");
    println!("cargo:rustc-env=BUILT_WITH={here}");
}
