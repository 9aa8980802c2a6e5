//! Tests the install document on instances where a folder, a program or a repository is broken.

use std::fs;

use launchgate_tests::fleet::host::AgentState::{Missing, Polling, Stopped};
use launchgate_tests::fleet::sandbox::Family::Rpm;
use launchgate_tests::fleet::sandbox::Sandbox;

use super::run::instance;
use crate::stand::Instance;
use crate::stand::threads::at_once;

const ASH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/tools/bin/busybox ash");

/// Its mktemp refuses these folders, as if they were read-only.
fn cannot_write(instance: &Instance, folders: &str) {
    let (root, dir) = (instance.sandbox.root(), instance.dir.path());
    let mktemp = format!(
        "#!/bin/sh\nfor path; do :; done\ncase $path in {folders})\n  echo 'mktemp: Read-only file system' >&2\n  exit 1 ;;\n\
         esac\ncase $path in /var/tmp/*) [ ! -e '{spare}' ] || path='{spare}'/x.XXXXXX ;; esac\n\
         exec /usr/bin/mktemp -d \"$path\"\n",
        spare = dir.join("spare").display(),
    );
    instance.command("mktemp", &mktemp.replace("ROOT", &root.display().to_string()));
}

#[test]
fn a_run_needs_one_folder_that_can_be_written() {
    let instance = instance(Rpm, Stopped);
    fs::create_dir(instance.path("spare")).unwrap();
    cannot_write(&instance, "ROOT/run/* | /tmp/*");
    instance.install(&[]).assert_ready(168);
    let left: Vec<_> = fs::read_dir(instance.path("spare")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["launchgate-install.lock"]);
}

#[test]
fn without_any_folder_there_is_a_report_all_the_same() {
    at_once(&["dash", "bash --posix", ASH], |shell| {
        let instance = instance(Rpm, Missing);
        cannot_write(&instance, "*");
        let report = instance.start_install_under(shell, &[]).report();
        assert_eq!((report.run.code, report.classes()), (169, vec![("install-failed", "repairable")]));
        assert_eq!(report.detail(), "no folder for files of its own: cannot write to /run /var/tmp /tmp /dev/shm");
    });
}

#[test]
fn installers_get_a_temporary_folder_that_can_be_written() {
    let instance = instance(Rpm, Missing);
    cannot_write(&instance, "/tmp/*");
    let installer = format!("#!/bin/sh\n[ \"$TMPDIR\" = /var/tmp ] || exit 1\n{}", Sandbox::installer());
    instance.sandbox.region_has(Some(&installer)).unwrap();
    instance.install(&[]).assert_ready(168);
}

#[test]
fn a_curl_that_cannot_be_run_is_replaced_by_wget() {
    let cases = [
        ("echo 'curl: error while loading shared libraries: libnghttp2.so.14' >&2\nexit 127\n", true),
        ("kill -ILL $$\n", true),
        ("echo 'curl: symbol lookup error' >&2\nexit 126\n", false),
    ];
    at_once(&cases, |&(broken, wget)| {
        let instance = instance(Rpm, Missing);
        let real = fs::read_to_string(instance.path("bin/curl")).unwrap();
        instance.command("real-curl", &real);
        instance.command("curl", &format!("#!/bin/sh\n{broken}"));
        let wget = if wget { WGET } else { "#!/bin/sh\necho 'wget: symbol lookup error' >&2\nexit 127\n" };
        instance.command("wget", wget);
        instance.sandbox.region_has(Some(Sandbox::installer())).unwrap();
        let report = instance.install(&[("waitSeconds", "0")]);
        if wget == WGET {
            report.assert_ready(168);
        } else {
            let words = "can be run: curl: curl: symbol lookup error; wget: wget: symbol lookup error";
            assert!(report.detail().ends_with(words), "{report:?}");
        }
    });
}

const WGET: &str = r#"#!/bin/sh
case $* in *https://aws-codedeploy-*) ;; *) exec /usr/bin/wget "$@" ;; esac
while [ "$1" != -O ]; do shift; done
real-curl -o "$2" --url "$4" >/dev/null
echo '  HTTP/1.1 200 OK' >&2
"#;

/// zypper ends with 106 if it has skipped a repository.
#[test]
fn what_is_installed_in_spite_of_an_error_is_installed() {
    let instance = instance(Rpm, Polling);
    fs::rename(instance.path("bin/dnf"), instance.path("bin/install-it")).unwrap();
    fs::remove_file(instance.path("bin/yum")).unwrap();
    instance
        .command("zypper", "#!/bin/sh\nshift\ninstall-it \"$@\"\necho 'Error: repository two is skipped.'\nexit 106\n");
    instance.install(&[("packages", "java-headless")]).assert_ready(168);
    assert_eq!(instance.transactions(), ["0"]);
    let report = instance.install(&[("packages", "nonesuch")]);
    assert_eq!((report.run.code, report.codes()), (169, vec!["package-missing", "install-failed"]));
}

#[test]
fn dnf_and_yum_skip_a_repository_that_is_broken() {
    at_once(&["dnf", "yum"], |&manager| {
        let instance = instance(Rpm, Polling);
        fs::rename(instance.path("bin/dnf"), instance.path("bin/install-it")).unwrap();
        fs::remove_file(instance.path("bin/yum")).unwrap();
        let picky = "#!/bin/sh\nfor word; do\n  [ \"$word\" != '--setopt=*.skip_if_unavailable=1' ] || exec install-it \"$@\"\n\
                     done\necho 'Error: Failed to download metadata for repo two'\nexit 1\n";
        instance.command(manager, picky);
        instance.install(&[("packages", "java")]).assert_ready(168);
    });
}
