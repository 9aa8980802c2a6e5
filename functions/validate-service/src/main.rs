//! Answers ValidateService.

fn main() {}
