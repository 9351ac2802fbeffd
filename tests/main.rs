//! Everything that is tested from outside.

mod architecture;
mod docs;

fn main() {}
