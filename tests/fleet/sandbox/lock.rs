//! Holds the package lock of an instance with a transaction of somebody else.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::Sandbox;
use super::packages::rpm;

/// A transaction of somebody else, which holds the package lock until it is released or killed.
#[derive(Debug)]
pub struct Transaction {
    child: Child,
    hold: Option<fs::File>,
}

impl Transaction {
    pub(super) fn of(child: Child) -> Self {
        Self { child, hold: None }
    }

    /// Its process, which holds the lock.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Lets it come to its end.
    ///
    /// # Errors
    /// It had ended otherwise.
    pub fn release(mut self) -> io::Result<()> {
        if let Some(mut hold) = self.hold.take() {
            hold.write_all(b"go on\n")?;
        }
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("the transaction ended with {status}"))) }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

impl Sandbox {
    /// Starts a transaction that holds the package lock; it does when this returns.
    ///
    /// # Errors
    /// It does not get the lock.
    pub fn hold_package_lock(&self) -> io::Result<Transaction> {
        let mut command = if self.dir.join("bin/rpm").exists() {
            let mut rpm = rpm()?;
            rpm.args(["-i", "--replacepkgs", "update.rpm", "--dbpath", "/var/lib/rpm", "--root"]).arg(self.root());
            rpm
        } else {
            let mut dpkg = Command::new("dpkg");
            dpkg.args(["-i", "--force-script-chrootless", "--force-not-root", "--root"]).arg(self.root());
            dpkg.arg("update.deb").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
            dpkg
        };
        command.current_dir(self.dir.join("repository"));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        // The far end of the fifo is there once the transaction runs; without blocking, since it may never.
        let mut open = OpenOptions::new();
        open.write(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
        while child.try_wait()?.is_none() {
            if let Ok(hold) = open.open(self.dir.join("root/hold")) {
                return Ok(Transaction { child, hold: Some(hold) });
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(io::Error::other("another transaction holds the package lock"))
    }
}
