//! zlib through its C interface, and zstd: there and back.
use std::os::raw::c_ulong;

fn main() {
    let text = "the same again and again; ".repeat(1000).into_bytes();
    let mut packed = vec![0u8; text.len()];
    let mut size = packed.len() as c_ulong;
    let status = unsafe { libz_sys::compress(packed.as_mut_ptr(), &mut size, text.as_ptr(), text.len() as c_ulong) };
    assert_eq!(status, libz_sys::Z_OK);
    let mut unpacked = vec![0u8; text.len()];
    let mut length = unpacked.len() as c_ulong;
    let status = unsafe { libz_sys::uncompress(unpacked.as_mut_ptr(), &mut length, packed.as_ptr(), size) };
    assert_eq!(status, libz_sys::Z_OK);
    let small = zstd::encode_all(&text[..], 19).expect("zstd packs");
    let back = zstd::decode_all(&small[..]).expect("zstd unpacks");
    println!("zlib {} zstd {} of {}", unpacked == text, back == text, text.len());
}
