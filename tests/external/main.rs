//! The tests that drive other programs: validators, extractors, other implementations of what we rely on.

fn main() {}
