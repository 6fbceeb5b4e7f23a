//! hubreach
fn main() {}
