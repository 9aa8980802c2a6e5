//! What only the tests of the readiness document need: its parts, the shells it must run in, a web server.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use launchgate_tests::fleet::endpoints::Endpoints;
use launchgate_tests::fleet::host::Host;

pub(super) use crate::shells::shells;
use crate::stand::{Instance, documents};

/// An instance without a package manager.
pub(super) fn instance(host: &Host) -> Instance {
    Instance::new(host, None)
}

pub(super) fn script() -> String {
    documents::script("readiness", "readiness")
}

pub(super) fn parameters(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    documents::parameters("readiness", given)
}

/// What a shell that has read these parts says to a few more lines.
pub(super) fn part(parts: &[&str], lines: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../documents/parts");
    let read = parts.iter().flat_map(|part| [". '", folder, "/", part, "'\n"]).collect::<String>();
    let output = Command::new("dash").args(["-c", &format!("{read}{lines}")]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The domain of the endpoints of a host.
pub(super) fn domain(host: &Host) -> String {
    Endpoints::shared().unwrap().domain(host.network, host.clock_ahead).unwrap()
}

/// A port that answers each request with the next of these status codes, the last one for ever, and tells of each.
pub(super) fn web(statuses: &'static [u16]) -> (u16, Receiver<u16>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = channel();
    thread::spawn(move || {
        for number in 0.. {
            let (mut stream, _) = listener.accept().unwrap();
            let status = statuses[number.min(statuses.len() - 1)];
            let _request = stream.read(&mut [0; 4096]);
            let _answered =
                write!(stream, "HTTP/1.1 {status} Status\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _heard = tell.send(status);
        }
    });
    (port, told)
}

/// What still runs in a process group; a zombie does not.
pub(super) fn processes_of(group: u32) -> Vec<String> {
    let all = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("stat")).ok());
    all.filter(|stat| {
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[2] == group.to_string() && fields[0] != "Z"
    })
    .collect()
}
