//! Checks what `make` demands of this machine before it builds, with stand-ins for rustc and rustup.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use launchgate_tests::stack::repository;
use tempfile::TempDir;

use super::text;

const X86_64: &str = "x86_64-unknown-linux-gnu";
const ARM64: &str = "aarch64-unknown-linux-gnu";

/// A rustc of this host, which has the library of its host only.
const RUSTC: &str = r#"#!/bin/sh
[ "$1" = -vV ] && { echo "rustc 1.95.0"; echo "host: HOST"; exit; }
echo "$STAND/$4"
"#;
const RUSTUP: &str =
    "#!/bin/sh\n[ \"$1 $2\" = 'target add' ] && /bin/mkdir \"$STAND/$3\" && >\"$STAND/$3/libstd-1.rlib\"\n";

struct Machine(TempDir);

impl Machine {
    fn with_rustc_of(host: &str) -> Self {
        let machine = Self(TempDir::new().unwrap());
        machine.install("rustc", &RUSTC.replace("HOST", host));
        fs::create_dir(machine.0.path().join(host)).unwrap();
        fs::write(machine.0.path().join(host).join("libstd-1.rlib"), "").unwrap();
        machine
    }

    fn install(&self, program: &str, script: &str) {
        let path = self.0.path().join(program);
        fs::write(&path, script).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn has(&self, target: &str) -> bool {
        self.0.path().join(target).exists()
    }

    /// What it says of why it cannot build for this architecture.
    fn refuses(&self, architecture: &str) -> Option<String> {
        let mut python = Command::new(repository().join(".venv/bin/python"));
        python.arg(repository().join("rust_target.py")).arg(architecture);
        let ran = python.env("PATH", self.0.path()).env("STAND", self.0.path()).output().unwrap();
        (!ran.status.success()).then(|| String::from_utf8(ran.stderr).unwrap())
    }
}

#[test]
fn each_machine_builds_for_itself() {
    for (host, architecture) in [(X86_64, "x86_64"), (ARM64, "arm64")] {
        assert_eq!(Machine::with_rustc_of(host).refuses(architecture), None);
    }
}

#[test]
fn for_arm64_rustup_adds_the_target() {
    let machine = Machine::with_rustc_of(X86_64);
    machine.install("rustup", RUSTUP);
    assert_eq!(machine.refuses("arm64"), None);
    assert!(machine.has(ARM64));
}

#[test]
fn without_rustup_or_when_it_adds_nothing_the_cure_is_told() {
    let machine = Machine::with_rustc_of(X86_64);
    let told = machine.refuses("arm64").unwrap();
    assert!(told.contains(ARM64) && told.contains("Install Rust with rustup (https://rustup.rs)"), "{told}");
    machine.install("rustup", "#!/bin/sh\nexit 1\n");
    let told = machine.refuses("arm64").unwrap();
    assert!(told.contains(ARM64) && told.contains("put ~/.cargo/bin before it"), "{told}");
}

#[test]
fn an_arm_machine_refuses_x86_64_and_every_machine_refuses_what_the_template_has_not() {
    let told = Machine::with_rustc_of(ARM64).refuses("x86_64").unwrap();
    assert!(told.contains("cargo-lambda would build for aarch64") && told.contains("ARCHITECTURE=arm64"), "{told}");
    let told = Machine::with_rustc_of(X86_64).refuses("riscv").unwrap();
    assert!(told.contains("ARCHITECTURE is riscv, but the template has x86_64 and arm64 only"), "{told}");
}

#[test]
fn make_looks_before_it_builds_and_before_it_emulates() {
    assert!(text("Makefile").contains("\nbuild: rust-target setup"));
    assert!(text("Makefile").contains("\narm64: emulator setup"));
    let mut make = Command::new("make");
    // Those of the `make test` that runs this test.
    make.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").current_dir(repository());
    let ran = make.args(["emulator", "EMULATOR=no-emulator", "RUNNER=no-emulator"]).output().unwrap();
    let told = String::from_utf8(ran.stderr).unwrap();
    assert!(!ran.status.success() && told.contains("apt-get install qemu-user-static libc6-arm64-cross"), "{told}");
}
