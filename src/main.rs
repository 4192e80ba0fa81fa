//! The command line of wirefold.

fn main() {}
