//! cloud-init on an instance: its files, and its command for the case that the files are missing (aws-facts 10.7).

use std::fs;
use std::io;

use serde_json::json;

use super::{Sandbox, remove, replace};
use crate::fleet::host::Boot;

/// How a version of cloud-init reports its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloudInit {
    /// 22.2, as Amazon Linux 2023 has it: the command knows no formats, and fails for an error only.
    V22_2,
    /// 22.4: the command knows formats.
    V22_4,
    /// 23.4 to 25: recoverable errors have a place of their own.
    V23_4,
    /// 23.4 to 25 after a warning, as of a deprecated key: all is done, but the command fails with 2.
    Degraded,
}

impl Sandbox {
    pub(super) fn show_boot(&self, boot: Boot) -> io::Result<()> {
        let folder = self.root().join("run/cloud-init");
        if boot == Boot::NoCloudInit {
            remove(&self.dir.join("bin/cloud-init"))?;
            return if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) };
        }
        fs::create_dir_all(&folder)?;
        let version = *self.cloud_init.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.add_command("cloud-init", &version.command(boot))?;
        let errors = version.errors(boot);
        replace(&folder.join("status.json"), &format!("{:#}\n", version.status(boot, &errors)))?;
        self.set_service("cloud-final", if boot == Boot::Running { "ActiveState=activating\n" } else { "" })?;
        if boot == Boot::Running {
            return remove(&folder.join("result.json"));
        }
        let result = json!({"v1": {"datasource": "DataSourceEc2Local", "errors": errors}});
        replace(&folder.join("result.json"), &format!("{result:#}\n"))?;
        let log = self.root().join("var/log");
        fs::create_dir_all(&log)?;
        match boot {
            Boot::UserDataFailed => replace(&log.join("cloud-init-output.log"), OUTPUT),
            Boot::Running | Boot::Done | Boot::NoCloudInit => remove(&log.join("cloud-init-output.log")),
        }
    }
}

impl CloudInit {
    fn errors(self, boot: Boot) -> Vec<String> {
        let module = if matches!(self, Self::V22_2 | Self::V22_4) { "scripts-user" } else { "scripts_user" };
        let failed = format!("('{module}', RuntimeError('Runparts: 1 failures (part-001) in 1 attempted commands'))");
        if boot == Boot::UserDataFailed { vec![failed] } else { vec![] }
    }

    fn status(self, boot: Boot, errors: &[String]) -> serde_json::Value {
        let (finished, stage) = match boot {
            Boot::Running => (None, Some("modules-final")),
            Boot::Done | Boot::UserDataFailed | Boot::NoCloudInit => (Some(1_700_000_012.5), None),
        };
        let warnings =
            if self == Self::Degraded { json!({"DEPRECATED": ["The key chpasswd.list"]}) } else { json!({}) };
        let end = json!({"errors": errors, "start": 1_700_000_009.5, "finished": finished});
        let step = json!({"errors": [], "start": 1_700_000_001.5, "finished": 1_700_000_009.0});
        let [last, done] = [end, step].map(|mut stage| {
            if let (Self::V23_4 | Self::Degraded, Some(stage)) = (self, stage.as_object_mut()) {
                stage.insert("recoverable_errors".to_owned(), warnings.clone());
            }
            stage
        });
        json!({"v1": {"datasource": "DataSourceEc2Local", "stage": stage, "init": done, "init-local": done,
            "modules-config": done, "modules-final": last}})
    }

    fn command(self, boot: Boot) -> String {
        let options = if self == Self::V22_2 { "--long | -l | --wait | -w" } else { "-*" };
        let (word, code) = match boot {
            Boot::Running => ("running", 0),
            Boot::UserDataFailed => ("error", 1),
            Boot::Done | Boot::NoCloudInit => ("done", if self == Self::Degraded { 2 } else { 0 }),
        };
        COMMAND.trim_start().replace("OPTIONS", options).replace("WORD", word).replace("CODE", &code.to_string())
    }
}

/// A usage error is argparse's; `--wait` has no time-out of its own.
const COMMAND: &str = r#"
#!/bin/sh
[ "$1" = status ] && shift
for word; do
  case $word in
    OPTIONS) ;;
    *)
      echo "cloud-init status: error: unrecognized arguments: $word" >&2
      exit 2 ;;
  esac
  case $word in -w | --wait) while [ WORD = running ]; do sleep 1; done ;; esac
done
echo 'status: WORD'
exit CODE
"#;

const OUTPUT: &str = "Cloud-init v. 22.2.2 running 'modules:final'\n\
    error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily unavailable)\n\
    Failed to run module scripts-user (scripts in /var/lib/cloud/instance/scripts)\n";
