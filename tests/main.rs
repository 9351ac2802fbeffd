//! Everything that is tested from outside.

fn main() {}
