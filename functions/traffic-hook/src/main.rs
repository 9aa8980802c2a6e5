//! Answers traffic hooks.

fn main() {}
