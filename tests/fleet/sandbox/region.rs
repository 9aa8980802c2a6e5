//! The Region's bucket with the installer of the agent: what curl fetches from it.

use std::fs;
use std::io;

use super::{Sandbox, remove};

impl Sandbox {
    /// From now on the Region has this installer, or none.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn region_has(&self, installer: Option<&str>) -> io::Result<()> {
        let path = self.dir.join("state/installer");
        installer.map_or_else(|| remove(&path), |installer| fs::write(&path, installer))
    }

    /// An installer that installs the agent's package with the package manager.
    #[must_use]
    pub fn installer() -> &'static str {
        "#!/bin/sh\nexec \"$(command -v dnf || command -v apt-get)\" -y install codedeploy-agent\n"
    }

    /// Its curl answers for the bucket, and is the real one for all else.
    pub(super) fn add_region(&self) -> io::Result<()> {
        let dir = self.dir.display();
        self.add_command("curl", &format!("#!/bin/sh\ndir='{dir}'\n{}", CURL.trim_start()))
    }
}

/// As S3 does, it answers 403 for what is absent.
const CURL: &str = r#"
url=
file=
last=
for word; do
  case $last in -o) file=$word ;; --url) url=$word ;; esac
  last=$word
done
case $url in https://aws-codedeploy-*) ;; *) exec /usr/bin/curl "$@" ;; esac
case $url in */latestv2/install)
  cp "$dir/state/installer" "$file" 2>/dev/null && printf 200 && exit ;;
esac
printf 403
"#;
