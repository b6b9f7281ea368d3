//! C that cc-rs and cmake-rs compiled against the newest headers, called through what bindgen made of a header.
#![allow(non_camel_case_types)]
include!(concat!(env!("OUT_DIR"), "/bindings.rs"));

extern "C" {
    fn by_cmake() -> i32;
}

fn main() {
    let mut answers = answers { first: 0, second: 0 };
    assert_eq!(unsafe { by_cc(&mut answers) }, 0);
    println!("cc {} cmake {} bindgen {}", answers.first, unsafe { by_cmake() }, std::mem::size_of::<answers>());
}
