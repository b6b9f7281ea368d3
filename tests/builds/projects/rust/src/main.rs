fn main() {
    let squared = std::thread::spawn(|| 6.0_f64.powf(2.0)).join().unwrap();
    println!("hello {squared}");
}
