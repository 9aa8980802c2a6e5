//! The shells in which scripts for instances must run.

use std::process::Command;

/// The shells of the Linux distributions that have an SSM agent. `make setup` brings what a machine lacks.
pub(crate) fn shells() -> Vec<String> {
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/tools/bin");
    let mut found = Vec::new();
    for (program, options) in [("dash", ""), ("bash", " --posix"), ("busybox", " ash")] {
        let look = format!("PATH=$PATH:{tools}; command -v {program}");
        let look = Command::new("sh").args(["-c", &look]).output().unwrap();
        match String::from_utf8(look.stdout).unwrap().trim() {
            "" if std::env::var_os("CI").is_some() || std::path::Path::new(tools).exists() => panic!("no {program}"),
            "" => println!("not on this machine, so not tried: {program}{options}"),
            path => found.push(format!("{path}{options}")),
        }
    }
    found
}
