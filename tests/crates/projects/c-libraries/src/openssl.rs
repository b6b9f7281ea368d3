//! The vendored OpenSSL: digest, cipher, key pair, signature.
use openssl::{error::ErrorStack, hash::MessageDigest, pkey::PKey, rsa::Rsa, sign::Signer, sign::Verifier, symm};

fn main() -> Result<(), ErrorStack> {
    let digest = openssl::hash::hash(MessageDigest::sha256(), b"abc")?;
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut key = [0; 32];
    openssl::rand::rand_bytes(&mut key)?;
    let sealed = symm::encrypt(symm::Cipher::aes_256_cbc(), &key, Some(&[7; 16]), b"secret")?;
    let opened = symm::decrypt(symm::Cipher::aes_256_cbc(), &key, Some(&[7; 16]), &sealed)?;
    let pair = PKey::from_rsa(Rsa::generate(2048)?)?;
    let signature = Signer::new(MessageDigest::sha256(), &pair)?.sign_oneshot_to_vec(b"text")?;
    let genuine = Verifier::new(MessageDigest::sha256(), &pair)?.verify_oneshot(&signature, b"text")?;
    println!("{} {hex} {} {genuine}", openssl::version::version(), String::from_utf8_lossy(&opened));
    Ok(())
}
