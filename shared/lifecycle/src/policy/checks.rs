//! What must be true on the instance beyond the agent.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{PolicyError, wrong};

/// The bounds of the documents' parameters; a test holds policy and documents together.
/// Entries of one list.
const ENTRIES: usize = 16;
/// Characters of one name.
const NAME: usize = 64;
/// Characters of the url's path, the slash included.
const PATH: usize = 201;

/// What must be true on the instance beyond the agent. Every value has been checked: a shell takes it as text, never as code.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Checks {
    /// Packages that must be installed; a repair installs the missing ones.
    pub packages: Vec<String>,
    /// systemd units that must be active.
    pub units: Vec<String>,
    /// Commands that must be on the path.
    pub commands: Vec<String>,
    /// TCP ports that must be listened to.
    pub ports: Vec<u16>,
    /// A URL on the instance itself that must answer 2xx.
    pub url: Option<String>,
}

impl Checks {
    /// Those that can be true before a deployment: without what the revision brings.
    #[must_use]
    pub fn before_a_deployment(&self) -> Self {
        let (packages, commands) = (self.packages.clone(), self.commands.clone());
        Self { packages, commands, ..Self::default() }
    }

    pub(super) fn read(object: &Map<String, Value>) -> Result<Self, PolicyError> {
        let mut checks = Self::default();
        for (key, value) in object {
            match key.as_str() {
                "packages" => checks.packages = names(key, value, "", "._+:-")?,
                "units" => checks.units = names(key, value, "", "@._:-")?,
                "commands" => checks.commands = names(key, value, "_", "._+-")?,
                "ports" => checks.ports = ports(key, value)?,
                "url" => checks.url = Some(url(key, value)?),
                _ => return Err(at(key, "no such key")),
            }
        }
        Ok(checks)
    }
}

/// Names of letters, digits and `inside`; the first character is none of `inside` but may be of `first`.
fn names(key: &str, value: &Value, first: &str, inside: &str) -> Result<Vec<String>, PolicyError> {
    let names: Vec<String> = read(key, value)?;
    few(key, names.len())?;
    let is_name = |name: &&String| {
        let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric() || first.contains(c));
        starts && name.len() <= NAME && made_of(name, inside)
    };
    match names.iter().find(|name| !is_name(name)) {
        Some(name) => {
            let rule = format!("letters, digits and {inside}, at most {NAME}, beginning with a letter or digit");
            Err(at(key, format!("{name:?} is not a name ({rule})")))
        }
        None => Ok(names),
    }
}

fn ports(key: &str, value: &Value) -> Result<Vec<u16>, PolicyError> {
    let ports: Vec<u16> = read(key, value)?;
    few(key, ports.len())?;
    if ports.contains(&0) { Err(at(key, "0 is not a port")) } else { Ok(ports) }
}

/// Only loopback is allowed: a check that calls other hosts could be used to scan a network.
fn url(key: &str, value: &Value) -> Result<String, PolicyError> {
    let url: String = read(key, value)?;
    if is_loopback_url(&url) {
        return Ok(url);
    }
    let hosts = "127.0.0.1, localhost or [::1], with a plain path";
    Err(at(key, format!("{url:?} is not an http or https URL on {hosts} of at most {PATH} characters")))
}

fn is_loopback_url(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let port = ["127.0.0.1", "localhost", "[::1]"].iter().find_map(|host| authority.strip_prefix(host));
    port.is_some_and(|port| port.is_empty() || is_port(port)) && is_path(path)
}

fn is_path(path: &str) -> bool {
    path.is_empty() || (path.len() <= PATH && made_of(path, "._~:/?=%&-"))
}

fn is_port(text: &str) -> bool {
    let digits = text.strip_prefix(':').unwrap_or_default();
    !digits.starts_with(['0', '+']) && digits.parse::<u16>().is_ok()
}

fn made_of(text: &str, punctuation: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || punctuation.contains(c))
}

fn few(key: &str, count: usize) -> Result<(), PolicyError> {
    if count <= ENTRIES { Ok(()) } else { Err(at(key, format!("{count} entries, at most {ENTRIES} are allowed"))) }
}

fn read<T: DeserializeOwned>(key: &str, value: &Value) -> Result<T, PolicyError> {
    T::deserialize(value).map_err(|error| at(key, error))
}

fn at(key: &str, problem: impl std::fmt::Display) -> PolicyError {
    wrong(&format!("checks.{key}"), problem)
}
