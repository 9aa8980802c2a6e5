//! Tests the install document with the real apt-get and dpkg on an instance's own root, and two repositories of files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use launchgate_tests::fleet::host::AgentState::Polling;
use launchgate_tests::fleet::sandbox::Family::Dpkg;

use super::run::instance;
use crate::stand::Instance;
use crate::stand::threads::at_once;

/// An instance whose apt-get is the real one. It reads the repository `one`, which has `java`, and `two`, which is
/// broken.
fn with_real_apt() -> Instance {
    let instance = instance(Dpkg, Polling);
    let (dir, root) = (instance.dir.path().to_owned(), instance.sandbox.root());
    let (dir, root) = (dir.display(), root.display());
    let dpkg = format!(
        "#!/bin/sh\nPATH=$PATH:/usr/sbin:/sbin exec /usr/bin/dpkg --root='{root}' --force-script-chrootless \
         --force-not-root \"$@\"\n"
    );
    instance.command("dpkg", &dpkg);
    let apt = format!(
        "#!/bin/sh\nexec /usr/bin/apt-get -o Dir='{root}' -o Dir::State::status='{root}/var/lib/dpkg/status' \
         -o Dir::Bin::dpkg='{dir}/bin/dpkg' -o APT::Sandbox::User=root \"$@\"\n"
    );
    instance.command("apt-get", &apt);
    let folders =
        ["etc/apt/apt.conf.d", "etc/apt/preferences.d", "var/lib/apt/lists/partial", "var/cache/apt/archives/partial"];
    for folder in folders.into_iter().chain(["var/log/apt"]) {
        fs::create_dir_all(instance.sandbox.root().join(folder)).unwrap();
    }
    publish(&instance.path("repository/java.deb"), &instance.path("one"));
    let repositories = ["one", "two"].map(|name| format!("deb [trusted=yes] file:{dir}/{name} ./\n"));
    instance.write("etc/apt/sources.list", &repositories.concat());
    instance
}

/// Puts the package into this repository, with its list.
fn publish(package: &Path, repository: &Path) {
    fs::create_dir_all(repository).unwrap();
    fs::copy(package, repository.join("it.deb")).unwrap();
    let says = |command: &mut Command| String::from_utf8(command.output().unwrap().stdout).unwrap();
    let control = says(Command::new("dpkg-deb").arg("-f").arg(package));
    let sum = says(Command::new("sha256sum").arg(package));
    let (size, sum) = (fs::metadata(package).unwrap().len(), sum.split(' ').next().unwrap());
    let list = format!("{control}Filename: ./it.deb\nSize: {size}\nSHA256: {sum}\n\n");
    fs::write(repository.join("Packages"), list).unwrap();
}

#[test]
fn a_broken_repository_does_not_stop_what_the_other_serves() {
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/tools/bin/busybox ash");
    at_once(&["dash", "bash --posix", tools], |shell| {
        let instance = with_real_apt();
        let report = instance.start_install_under(shell, &[("packages", "java-headless")]).report();
        report.assert_ready(168);
        assert!(report.run.stderr.contains("two/./Packages"), "{report:?}");
    });
}

#[test]
fn what_broke_the_repository_is_told_if_the_installation_fails_too() {
    let report = with_real_apt().install(&[("packages", "nonesuch"), ("waitSeconds", "0")]);
    assert_eq!((report.run.code, report.codes()), (169, vec!["package-missing", "install-failed"]));
    let (_, detail) = report.details()[1];
    assert!(detail.starts_with("E: Unable to locate package nonesuch (apt-get update: "), "{detail}");
    assert!(report.run.stderr.contains("two/./Packages"), "{report:?}");
}

/// The journal of a dpkg that was killed while it unpacked a package.
#[test]
fn an_interrupted_dpkg_is_finished_first() {
    let instance = with_real_apt();
    publish(&instance.path("repository/java.deb"), &instance.path("two"));
    let half = "Package: half\nStatus: install ok unpacked\nVersion: 1\nArchitecture: all\n\
                Maintainer: nobody <nobody@example.com>\nDescription: a stand-in\n\n";
    instance.write("var/lib/dpkg/updates/0000", half);
    instance.write("var/lib/dpkg/info/half.list", "/.\n");
    let refused = instance.sandbox.run("apt-get -y install java", &BTreeMap::new()).unwrap();
    assert!(refused.stderr.contains("dpkg was interrupted"), "{refused:?}");
    instance.install(&[("packages", "java-headless")]).assert_ready(168);
    let status = instance.read("var/lib/dpkg/status");
    assert!(status.contains("Package: half\nStatus: install ok installed"), "{status}");
}

/// What ignores TERM is killed, and with it all that it has started. Time runs faster here.
#[test]
fn a_dpkg_that_ignores_term_is_bounded() {
    let instance = with_real_apt();
    let tree = instance.path("repository/java");
    let script = "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 0.1; done\n";
    fs::write(tree.join("DEBIAN/preinst"), script).unwrap();
    assert!(Command::new("chmod").arg("755").arg(tree.join("DEBIAN/preinst")).status().unwrap().success());
    let package = instance.path("repository/java.deb");
    assert!(Command::new("dpkg-deb").arg("-b").arg(&tree).arg(&package).output().unwrap().status.success());
    publish(&package, &instance.path("one"));
    let faster = "#!/bin/sh\ncase \"$*\" in *' install '*) shift 3; exec /usr/bin/timeout -k 1 5 \"$@\" ;; esac\n\
                  exec /usr/bin/timeout \"$@\"\n";
    instance.command("timeout", faster);
    let report = instance.install(&[("packages", "java"), ("waitSeconds", "0")]);
    assert_eq!((report.run.code, report.codes()), (169, vec!["package-missing", "install-failed"]));
    assert!(report.details()[1].1.starts_with("apt-get was ended after 270 s: "), "{report:?}");
    let left = Command::new("pgrep").arg("-f").arg(tree.parent().unwrap()).output().unwrap();
    let roots = Command::new("pgrep").arg("-af").arg(instance.sandbox.root()).output().unwrap();
    assert_eq!((left.stdout, String::from_utf8(roots.stdout).unwrap().as_str()), (vec![], ""), "processes are left");
}
