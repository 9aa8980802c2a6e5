//! The real cloud-init, of which Debian has one version. The formats of the others are stand-ins in `boot`.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Stdio;

use super::packages::quoted;
use super::{Sandbox, inside};

impl Sandbox {
    /// Boots a new instance from what is on this one's disk: cloud-init runs all of its stages with this user data. Without
    /// any it finds no data source and falls back to none, as where instance metadata did not answer.
    ///
    /// # Errors
    /// It did not come to its end, which it does with user data that fails, too.
    pub fn boot(&self, user_data: Option<&str>) -> io::Result<()> {
        let root = self.root();
        for old in ["run", "var/lib/cloud/seed"] {
            if root.join(old).exists() {
                fs::remove_dir_all(root.join(old))?;
            }
        }
        self.inside()?;
        fs::create_dir_all(root.join("run"))?;
        self.configure_cloud_init()?;
        if let Some(user_data) = user_data {
            let seed = root.join("var/lib/cloud/seed/nocloud");
            fs::create_dir_all(&seed)?;
            fs::write(seed.join("user-data"), user_data)?;
            let booted = fs::read_dir(root.join("var/lib/cloud/instances")).map_or(0, Iterator::count);
            fs::write(seed.join("meta-data"), format!("instance-id: i-{booted:017}\n"))?;
        }
        let mut said = Vec::new();
        for stage in [&["init", "--local"][..], &["init"], &["modules", "--mode=config"], &["modules", "--mode=final"]]
        {
            // A network and a host name of its own, so that it cannot change the machine's.
            let mut command = self.inside()?;
            command.args(["unshare", "--net", "--uts", "cloud-init"]).args(stage);
            said = command.stdin(Stdio::null()).output()?.stderr;
        }
        let ended = root.join("run/cloud-init/result.json").exists();
        if ended { Ok(()) } else { Err(io::Error::other(String::from_utf8_lossy(&said).into_owned())) }
    }

    /// Only user data scripts: the other modules would make users and keys.
    fn configure_cloud_init(&self) -> io::Result<()> {
        let settings = self.root().join("etc/cloud/cloud.cfg.d");
        fs::create_dir_all(&settings)?;
        fs::write(settings.with_file_name("cloud.cfg"), CONFIGURATION)?;
        let unpacked = Path::new(inside::UNPACKED).join("etc/cloud");
        let shipped = if unpacked.exists() { unpacked } else { "/etc/cloud".into() };
        fs::copy(shipped.join("cloud.cfg.d/05_logging.cfg"), settings.join("05_logging.cfg"))?;
        self.add_command("cloud-init", &self.outside("cloud-init"))
    }

    /// A command for the instance's path that runs the real one inside.
    pub(super) fn outside(&self, name: &str) -> String {
        let inside = quoted(&self.dir.join("inside").display().to_string());
        format!("#!/bin/sh\nexec {inside} {name} \"$@\"\n")
    }
}

const CONFIGURATION: &str = "\
datasource_list: [NoCloud, None]
preserve_hostname: true
network: {config: disabled}
syslog_fix_perms: root:root
cloud_init_modules: []
cloud_config_modules: []
cloud_final_modules: [scripts-user]
system_info: {distro: debian}
";
