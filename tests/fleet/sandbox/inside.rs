//! Runs the real tools of a distribution in the file system of the instance, where they find and leave everything at its
//! true place: `.local/tools/root` has their packages, unpacked. Nothing of the machine changes.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use super::packages::quoted;
use super::{Sandbox, Transaction, write_program};

/// The packages that `make setup` unpacked; absent where the machine has all the tools.
pub(super) const UNPACKED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/tools/root");

impl Sandbox {
    /// Starts a command in the instance's file system and leaves it running; it ends with what is returned.
    ///
    /// # Errors
    /// It could not be started.
    pub fn start_inside(&self, words: &[&str]) -> io::Result<Transaction> {
        let mut command = self.inside()?;
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Transaction::of(command.spawn()?))
    }

    /// What runs its arguments in the instance's file system.
    pub(super) fn inside(&self) -> io::Result<Command> {
        let program = self.dir.join("inside");
        if !program.exists() {
            make_system(&self.root())?;
            let options = if rustix::process::geteuid().is_root() { "" } else { "--map-root-user" };
            let text = include_str!("inside.sh")
                .replace("UNSHARE", options)
                .replace("ROOT", &quoted(&self.root().display().to_string()))
                .replace("TOOLS", &quoted(UNPACKED));
            write_program(&program, &text)?;
        }
        Ok(Command::new(program))
    }
}

/// What every distribution has, as far as the tools need it.
fn make_system(root: &Path) -> io::Result<()> {
    for folder in
        ["dev", "etc/rpm", "proc", "root", "run", "tmp", "usr", "var/cache", "var/lib/rpm", "var/log", "var/tmp"]
    {
        fs::create_dir_all(root.join(folder))?;
    }
    for name in ["bin", "lib", "lib64", "sbin"] {
        symlink(Path::new("usr").join(name), root.join(name))?;
    }
    fs::write(root.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n")?;
    fs::write(root.join("etc/group"), "root:x:0:\n")?;
    // Debian's rpm would use a folder of the user.
    fs::write(root.join("etc/rpm/macros"), "%_dbpath /var/lib/rpm\n")
}
