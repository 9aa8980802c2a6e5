//! Tests what the document makes of the real dnf, zypper and rpm at work, and of an rpm that is broken.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use launchgate_tests::fleet::host::Host;
use launchgate_tests::fleet::sandbox::{Family, Manager, Transaction};

use super::run::processes_of;
use crate::stand::threads::{at_once, until};
use crate::stand::{Instance, Report};

/// A healthy instance on which `java`, which provides `java-headless`, and `ruby` are installed.
fn with_packages() -> Instance {
    let instance = Instance::new(&Host::healthy(2), Some(Family::Rpm));
    let installed = instance.sandbox.install("java ruby").unwrap();
    assert_eq!(installed.code, 0, "{installed:?}");
    instance
}

fn with_manager(manager: Manager) -> Instance {
    let instance = Instance::new(&Host::healthy(2), Some(Family::Rpm));
    instance.sandbox.use_real_manager(manager).unwrap();
    instance
}

/// Starts a refresh that waits for a repository, until it has written its pid into this file.
fn refresh(instance: &Instance, manager: Manager, pid_file: &str) -> (Transaction, TcpListener) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    instance.sandbox.point_repository(manager, "agent", &url).unwrap();
    let refreshing = instance.sandbox.start_refresh(manager).unwrap();
    let written = || fs::read_to_string(instance.sandbox.root().join(pid_file)).unwrap_or_default();
    until(|| written().trim() == refreshing.pid().to_string(), || format!("{pid_file} has {:?}", written()));
    (refreshing, silent)
}

#[test]
fn a_package_manager_that_refreshes_holds_the_lock() {
    let cases = [(Manager::Zypper, "run/zypp.pid"), (Manager::Dnf, "var/cache/dnf/metadata_lock.pid")];
    at_once(&cases, |&(manager, pid_file)| {
        let instance = with_manager(manager);
        let (refreshing, _silent) = refresh(&instance, manager, pid_file);
        let report = instance.readiness(&[]);
        assert_eq!(report.classes(), [("package-lock-held", "transient")], "{report:?}");
        assert!(report.detail().contains(&format!("{} (", refreshing.pid())), "{report:?}");
        assert!(report.detail().contains(&format!("holds /{pid_file}")), "{report:?}");
        // Killed, it leaves its file behind.
        drop(refreshing);
        assert!(instance.sandbox.root().join(pid_file).exists());
        let report = instance.readiness(&[]);
        assert_eq!(report.run.code, 0, "{report:?}");
    });
}

#[test]
fn a_dnf_that_waits_for_another_names_the_other() {
    let instance = with_manager(Manager::Dnf);
    let (refreshing, _silent) = refresh(&instance, Manager::Dnf, "var/cache/dnf/metadata_lock.pid");
    let waiting = instance.sandbox.start_inside(&["dnf", "-y", "install", "java"]).unwrap();
    let started = || fs::read_to_string(format!("/proc/{}/comm", waiting.pid())).unwrap();
    until(|| started() == "dnf\n", started);
    let report = instance.readiness(&[]);
    assert_eq!(report.codes(), ["package-lock-held"], "{report:?}");
    assert!(report.detail().contains(&refreshing.pid().to_string()), "{report:?}");
}

#[test]
fn a_transaction_of_dnf_holds_the_lock() {
    let instance = with_manager(Manager::Dnf);
    let _installing = instance.sandbox.start_inside(&["dnf", "-y", "install", "update"]).unwrap();
    let lock = instance.sandbox.root().join("var/lib/dnf/rpmdb_lock.pid");
    until(|| lock.exists(), || "dnf begins no transaction".to_owned());
    let report = instance.readiness(&[]);
    assert_eq!(report.classes(), [("package-lock-held", "transient")], "{report:?}");
}

/// zypper and dnf take any living process for a holder, and so wait or give up.
#[test]
fn a_pid_file_that_names_a_living_stranger_is_unclear() {
    at_once(&["run/zypp.pid", "var/cache/dnf/metadata_lock.pid", "var/lib/dnf/rpmdb_lock.pid"], |file| {
        let instance = with_packages();
        instance.write(file, &instance.master());
        let report = instance.readiness(&[]);
        assert_eq!(report.classes(), [("package-lock-unclear", "transient")], "{report:?}");
    });
}

#[test]
fn a_database_that_cannot_be_opened_is_no_missing_package() {
    let damage: [fn(&Path) -> std::io::Result<()>; 4] = [
        |_| Ok(()),
        |file| fs::write(file, [7; 8192]),
        |file| fs::write(file, ""),
        |file| fs::remove_file(file).and_then(|()| fs::create_dir(file)),
    ];
    at_once(&damage, |damage| {
        let instance = with_packages();
        let file = instance.sandbox.root().join("var/lib/rpm/rpmdb.sqlite");
        for beside in ["rpmdb.sqlite-wal", "rpmdb.sqlite-shm"] {
            fs::remove_file(file.with_file_name(beside)).unwrap();
        }
        damage(&file).unwrap();
        let whole = fs::metadata(&file).unwrap().len() > 8192;
        let report = instance.readiness(&[("packages", "ruby java-headless java")]);
        let expected = if whole { vec![] } else { vec![("package-database-unreadable", "transient")] };
        assert_eq!(report.classes(), expected, "{report:?}");
        let report = instance.readiness(&[("packages", "ruby nothing java no-more")]);
        if whole {
            assert_eq!(report.details(), [("package-missing", "not installed: nothing no-more")], "{report:?}");
        }
    });
}

#[test]
fn an_rpm_that_never_ends_and_ignores_term_is_left_behind_by_nobody() {
    let instance = with_packages();
    let never = instance.path("never");
    assert!(Command::new("mkfifo").arg(&never).status().unwrap().success());
    // Whatever is left ends with this test.
    let _open = File::options().read(true).write(true).open(&never).unwrap();
    let wait = format!("read -r _ <'{}'\n", never.display());
    instance.command("rpm", &format!("#!/bin/sh\ntrap '' HUP INT TERM\n{wait}"));
    let began = Instant::now();
    let mut running = instance.start_readiness("sh", &[("packages", "java ruby")]);
    while running.lives().unwrap() {
        assert!(began.elapsed().as_secs() < 20, "it still runs");
        sleep(Duration::from_millis(50));
    }
    assert_eq!(processes_of(running.group()), Vec::<String>::new());
    assert_eq!(started_from(&instance.path("bin")), Vec::<String>::new());
    let report = Report::of(running.finish().unwrap());
    assert_eq!(report.classes(), [("check-hung", "transient")], "{report:?}");
    assert_eq!(report.json["findings"][0]["check"], "packages", "{report:?}");
}

/// Living processes, of any group, whose command lines name a file of this folder.
fn started_from(folder: &Path) -> Vec<String> {
    let all = fs::read_dir("/proc").unwrap().filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok());
    let lines = all.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains(&folder.display().to_string())).collect()
}
