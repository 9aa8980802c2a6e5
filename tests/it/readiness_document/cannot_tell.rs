//! Tests that a command that hangs or dies proves nothing, and that what left its parent is ended too.

use std::fs;
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use launchgate_tests::fleet::host::Host;

use super::run::{instance, part, shells};
use crate::stand::threads::at_once;

/// Each of them was once told as a finding of its own, or as none.
#[test]
fn a_command_that_hangs_is_not_an_answer() {
    let hang = "#!/bin/sh\nexec /bin/sleep 1000\n";
    let cat = "#!/bin/sh\ncase $* in */proc/net*) exec /bin/sleep 1000 ;; esac\nexec /bin/cat \"$@\"\n";
    let cases = [
        ("cloud-init", hang, ("agent", "required"), "boot"),
        ("date", hang, ("agent", "ignored"), "clock"),
        ("tr", hang, ("agent", "required"), "agent"),
        ("cat", cat, ("ports", "9"), "ports"),
    ];
    at_once(&cases, |(command, text, given, check)| {
        let instance = instance(&Host::healthy(2));
        if *command == "cloud-init" {
            fs::remove_dir_all(instance.sandbox.root().join("run/cloud-init")).unwrap();
        } else if *command == "tr" {
            instance.write("run/cloud-init/disabled", "");
        }
        instance.command(command, text);
        let report = instance.readiness(&[*given]);
        let findings = report.json["findings"].as_array().unwrap();
        assert!(findings.iter().all(|it| it["code"] == "check-hung"), "{command}: {report:?}");
        assert!(findings.iter().any(|it| it["check"] == *check), "{command}: {report:?}");
    });
}

#[test]
fn a_profile_that_hangs_hides_no_command() {
    let instance = instance(&Host::healthy(2));
    instance.write("etc/profile", "/bin/sleep 1000\n");
    let report = instance.readiness(&[("agent", "ignored"), ("commands", "no-such-command")]);
    assert_eq!(report.classes(), [("check-hung", "transient")]);
}

#[test]
fn an_rpm_that_dies_does_not_say_that_a_package_is_there() {
    let deaths = [
        ("kill -KILL $$", "137"),
        ("echo \"rpm: libc.so.6: version 'GLIBC_2.38' not found\" >&2; exit 1", "GLIBC_2.38"),
        ("[ \"$2\" = -- ] || kill -SEGV $$; echo 'package jq is not installed'; exit 1", "139"),
    ];
    at_once(&deaths, |(death, said)| {
        let instance = instance(&Host::healthy(2));
        instance.command("rpm", &format!("#!/bin/sh\n{death}\n"));
        let report = instance.readiness(&[("packages", "jq")]);
        assert_eq!(report.classes(), [("package-database-unreadable", "transient")]);
        assert!(report.detail().contains(said), "{report:?}");
    });
}

/// A process that a profile or rpm leaves in a session of its own, with and without the pipe to the script.
#[test]
fn what_left_its_parent_is_ended_too() {
    let cases: Vec<_> = shells().into_iter().flat_map(|shell| [(shell.clone(), "7771"), (shell, "7772")]).collect();
    at_once(&cases, |(shell, seconds)| {
        let instance = instance(&Host::healthy(2));
        let mark = instance.path("stays").display().to_string();
        let start = format!("setsid sh -c ': {mark}; sleep {seconds}; :'");
        if *seconds == "7771" {
            instance.write("etc/profile", &format!("({start} >/dev/null 2>&1 &)\n"));
        } else {
            instance.command("rpm", &format!("#!/bin/sh\n{start} &\nexit 1\n"));
        }
        let given = [("agent", "ignored"), ("commands", "no-such-command"), ("packages", "jq")];
        let report = crate::stand::Report::of(instance.start_readiness(shell, &given).finish().unwrap());
        assert!(report.codes().contains(&"command-missing"), "{report:?}");
        let listed = Command::new("ps").args(["-eo", "args"]).output().unwrap().stdout;
        assert!(!String::from_utf8_lossy(&listed).contains(&mark), "{shell} {seconds}");
    });
}

/// The kernel writes such a name into /proc/PID/stat as it is.
#[test]
fn the_name_of_a_process_may_have_a_line_end() {
    let name = "$0 = \"a\\nb\"; open F, '>', '/proc/self/comm'; print F \"a\\nb\"; close F; sleep 60";
    let mut named = Command::new("perl").args(["-e", name]).spawn().unwrap();
    at_once(&shells(), |shell| {
        let instance = instance(&Host::healthy(2));
        let run = instance.start_readiness(shell, &[]).finish().unwrap();
        assert_eq!(run.code, 0, "{run:?}");
    });
    named.kill().unwrap();
    named.wait().unwrap();
}

/// curl before 7.61 tells times in milliseconds.
#[test]
fn the_figures_of_an_old_curl_tell_how_far_it_came() {
    let cases = [
        ("28", "000 0.000 0.000", "name"),
        ("28", "000 0.001 0.000", "silent"),
        ("28", "000 0.001 0.002", "connected"),
        ("28", "000 0.001234 0.000000", "silent"),
        ("28", "200 0.000100 0.000200", "endless"),
        ("1", "000 0.000100 0.000200", "connected"),
    ];
    for (code, figures, outcome) in cases {
        let lines = format!(
            "curl() {{ printf '\\n{figures}'; return {code}; }}\n\
             client=curl suppress= proxy_uri=; request_local http://127.0.0.1/ 1; echo \"$outcome\""
        );
        assert_eq!(part(&["begin.sh", "http.sh"], &lines).trim(), outcome, "{code} {figures}");
    }
}

/// As ssh or a database: it is there, though it speaks no HTTP.
#[test]
fn a_forwarded_port_may_speak_another_protocol() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let _greeted = std::io::Write::write_all(&mut stream.unwrap(), b"SSH-2.0-OpenSSH_9.2\r\n");
        }
    });
    let lines = format!("client=curl suppress= proxy_uri= token= hung= port={port}; is_forwarded && echo open");
    assert_eq!(part(&["begin.sh", "http.sh", "policy.sh"], &lines).trim(), "open");
}
