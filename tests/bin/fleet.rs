//! The fleet as a server of its own.

fn main() {}
