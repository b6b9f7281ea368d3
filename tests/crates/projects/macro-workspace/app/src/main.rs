//! Procedural macros of its own and of serde, and a value that a build script computed.
use describe_derive::Describe;

#[derive(Describe, serde::Serialize, serde::Deserialize)]
struct Point {
    x: i32,
    y: i32,
}

fn main() {
    let point: Point = serde_json::from_str(r#"{"y": 2, "x": 1}"#).expect("the text is JSON");
    println!("{}; {}; {}", Point::DESCRIPTION, serde_json::to_string(&point).expect("it can be written"), env!("BUILT_WITH"));
}
