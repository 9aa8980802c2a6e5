//! What must be true on the instance beyond the agent.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{PolicyError, wrong};

/// Names in one list. Together with [`NAME`] this keeps every list within the 1,000 characters that the readiness
/// document accepts.
const NAMES: usize = 15;
/// Characters in one name.
const NAME: usize = 64;
/// Characters in the url.
const URL: usize = 256;

/// What must be true on the instance beyond the agent. Every value has been checked to be inert in a shell.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Checks {
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
    pub(super) fn read(object: &Map<String, Value>) -> Result<Self, PolicyError> {
        let mut checks = Self::default();
        for (key, value) in object {
            match key.as_str() {
                "units" => checks.units = names(key, value, "@._:-")?,
                "commands" => checks.commands = names(key, value, "._+-")?,
                "ports" => checks.ports = ports(key, value)?,
                "url" => checks.url = Some(url(key, value)?),
                _ => return Err(at(key, "no such key")),
            }
        }
        Ok(checks)
    }
}

fn names(key: &str, value: &Value, punctuation: &str) -> Result<Vec<String>, PolicyError> {
    let names: Vec<String> = read(key, value)?;
    few(key, names.len())?;
    let fits = |name: &&String| !made_of(name, punctuation) || name.len() > NAME || name.starts_with('-');
    match names.iter().find(fits) {
        Some(name) => Err(at(
            key,
            format!("{name:?} is not a name (letters, digits and {punctuation}, at most {NAME}, not starting with -)"),
        )),
        None => Ok(names),
    }
}

fn ports(key: &str, value: &Value) -> Result<Vec<u16>, PolicyError> {
    let ports: Vec<u16> = read(key, value)?;
    few(key, ports.len())?;
    if ports.contains(&0) { Err(at(key, "0 is not a port")) } else { Ok(ports) }
}

/// Only loopback: a probe that calls other hosts would be a way to scan a network.
fn url(key: &str, value: &Value) -> Result<String, PolicyError> {
    let url: String = read(key, value)?;
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).unwrap_or_default();
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let port = ["127.0.0.1", "localhost", "[::1]"].iter().find_map(|name| host.strip_prefix(name));
    let loopback = port.is_some_and(|port| port.is_empty() || is_port(port));
    if loopback && url.len() <= URL && made_of(&url, "._~:/?=%&[]-") {
        Ok(url)
    } else {
        Err(at(key, format!("{url:?} is not a plain http or https URL on 127.0.0.1, localhost or [::1]")))
    }
}

fn is_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|digits| digits.parse::<u16>().is_ok())
}

fn made_of(text: &str, punctuation: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || punctuation.contains(c))
}

fn few(key: &str, count: usize) -> Result<(), PolicyError> {
    if count <= NAMES { Ok(()) } else { Err(at(key, format!("{count} entries, at most {NAMES} are allowed"))) }
}

fn read<T: DeserializeOwned>(key: &str, value: &Value) -> Result<T, PolicyError> {
    T::deserialize(value).map_err(|error| at(key, error))
}

fn at(key: &str, problem: impl std::fmt::Display) -> PolicyError {
    wrong(&format!("checks.{key}"), problem)
}
