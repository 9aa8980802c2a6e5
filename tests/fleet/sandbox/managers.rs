//! The real dnf, zypper and apt-get in place of their stand-ins, with two repositories that may be broken. The stand-ins
//! stay for the tests that need a standstill right before a transaction, or many installations in a short time.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use super::packages::{quoted, run};
use super::{Sandbox, Transaction, remove};

/// A package manager that is a Debian package, or Debian's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Amazon Linux 2023, Fedora.
    Dnf,
    /// SUSE.
    Zypper,
    /// Debian, Ubuntu.
    Apt,
}

/// The repositories, and the packages of each.
const REPOSITORIES: [(&str, &[&str]); 2] = [("base", &["java", "ruby", "update"]), ("agent", &["codedeploy-agent"])];

impl Sandbox {
    /// Replaces the stand-in for the package manager. The packages are those of
    /// [`add_package_manager`](Self::add_package_manager): `codedeploy-agent` in the repository `agent`, the others in `base`.
    ///
    /// # Errors
    /// A tool is missing: `make setup` brings it.
    pub fn use_real_manager(&self, manager: Manager) -> io::Result<()> {
        self.inside()?;
        for name in ["dnf", "yum", "apt-get"] {
            remove(&self.dir.join("bin").join(name))?;
        }
        let ending = if manager == Manager::Apt { "deb" } else { "rpm" };
        for (repository, packages) in REPOSITORIES {
            let folder = self.root().join("srv").join(repository);
            fs::create_dir_all(&folder)?;
            for package in packages {
                let file = format!("{package}.{ending}");
                fs::copy(self.dir.join("repository").join(&file), folder.join(file))?;
            }
            if manager == Manager::Apt {
                write_index(&folder)?;
            } else {
                run(self.inside()?.args(["createrepo_c", "--quiet", &format!("/srv/{repository}")]))?;
            }
            self.point_repository(manager, repository, &format!("file:///srv/{repository}"))?;
        }
        self.configure(manager)?;
        for name in manager.commands() {
            let dir = quoted(&self.dir.display().to_string());
            let command = AFTER.trim_start().replace("DIR", &dir).replace("NAME", manager.program());
            self.add_command(name, &command)?;
        }
        Ok(())
    }

    /// From now on the repository `base` or `agent` is at this URL, where nothing needs to be.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn point_repository(&self, manager: Manager, repository: &str, url: &str) -> io::Result<()> {
        let (folder, ending) = manager.sources();
        let text = match manager {
            Manager::Apt => format!("deb [trusted=yes] {url} ./\n"),
            Manager::Dnf | Manager::Zypper => {
                format!("[{repository}]\nname={repository}\nbaseurl={url}\nenabled=1\ngpgcheck=0\n")
            }
        };
        let folder = self.root().join(folder);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("{repository}.{ending}")), text)
    }

    /// Starts to read all repositories anew, which does not end before each has answered.
    ///
    /// # Errors
    /// It could not be started.
    pub fn start_refresh(&self, manager: Manager) -> io::Result<Transaction> {
        self.start_inside(match manager {
            Manager::Dnf => &["dnf", "--refresh", "makecache"],
            Manager::Zypper => &["zypper", "--non-interactive", "refresh", "--force"],
            Manager::Apt => &["apt-get", "update"],
        })
    }

    fn configure(&self, manager: Manager) -> io::Result<()> {
        let root = self.root();
        match manager {
            Manager::Zypper => Ok(()),
            Manager::Dnf => {
                fs::create_dir_all(root.join("etc/dnf"))?;
                fs::write(root.join("etc/os-release"), "ID=amzn\nVERSION_ID=2023\n")?;
                fs::write(root.join("etc/dnf/dnf.conf"), "[main]\ngpgcheck=0\n")
            }
            Manager::Apt => {
                for folder in ["etc/apt/apt.conf.d", "var/cache/apt/archives/partial", "var/lib/apt/lists/partial"] {
                    fs::create_dir_all(root.join(folder))?;
                }
                fs::write(root.join("etc/apt/apt.conf.d/00test"), "APT::Sandbox::User \"\";\n")
            }
        }
    }
}

impl Manager {
    fn program(self) -> &'static str {
        match self {
            Self::Dnf => "dnf",
            Self::Zypper => "zypper",
            Self::Apt => "apt-get",
        }
    }

    fn commands(self) -> &'static [&'static str] {
        match self {
            Self::Dnf => &["dnf", "yum"],
            Self::Zypper => &["zypper"],
            Self::Apt => &["apt-get"],
        }
    }

    fn sources(self) -> (&'static str, &'static str) {
        match self {
            Self::Dnf => ("etc/yum.repos.d", "repo"),
            Self::Zypper => ("etc/zypp/repos.d", "repo"),
            Self::Apt => ("etc/apt/sources.list.d", "list"),
        }
    }
}

/// What `apt-ftparchive packages` would print.
fn write_index(folder: &Path) -> io::Result<()> {
    let mut index = fs::File::create(folder.join("Packages"))?;
    for entry in fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()? {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "deb") {
            continue;
        }
        let control = Command::new("dpkg-deb").arg("--field").arg(&path).output()?.stdout;
        let sum = String::from_utf8_lossy(&Command::new("sha256sum").arg(&path).output()?.stdout).into_owned();
        let sum = sum.split_whitespace().next().unwrap_or_default();
        index.write_all(&control)?;
        let name = entry.file_name().display().to_string();
        writeln!(index, "Filename: ./{name}\nSize: {}\nSHA256: {sum}\n", entry.metadata()?.len())?;
    }
    Ok(())
}

/// As the stand-ins do: the agent starts after its installation, and ruby runs what is Ruby and shell at once.
const AFTER: &str = r#"
#!/bin/sh
dir=DIR
"$dir/inside" NAME "$@"
code=$?
echo "$code" >>"$dir/state/transactions"
has() {
  { "$dir/bin/dpkg-query" -W -f '${db:Status-Status}' "$1" || "$dir/bin/rpm" -q "$1"; } 2>/dev/null |
    grep -q -e '^installed$' -e "^$1-1"
}
if has ruby; then ln -sf /bin/sh "$dir/bin/ruby"; fi
if has codedeploy-agent; then "$dir/bin/systemctl" start codedeploy-agent >/dev/null 2>&1; fi
exit "$code"
"#;
