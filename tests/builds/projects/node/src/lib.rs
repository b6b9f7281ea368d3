use napi_derive::napi;

#[napi]
pub fn squared(x: f64) -> f64 {
    std::thread::spawn(move || x.powf(2.0)).join().unwrap()
}
