//! Records which function called which operation. The last step of `make test` compares these calls with the functions'
//! roles.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

/// The file that calls are noted in, a line each; none where nobody asks for it.
const FILE: &str = "CALLS_SEEN";

static SEEN: LazyLock<Option<Mutex<BTreeSet<String>>>> =
    LazyLock::new(|| std::env::var_os(FILE).map(|_| Mutex::new(BTreeSet::new())));

/// Notes a call of one of our functions, which the SDK names in the user agent: `app/launch-gate-0.1.0`.
pub fn note(user_agent: &str, service: &str, operation: &str) {
    let (Some(seen), Some(function)) = (&*SEEN, function(user_agent)) else { return };
    let call = format!("{function} {service}:{operation}\n");
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.insert(call.clone())
        && let Some(path) = std::env::var_os(FILE)
        && let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path)
    {
        // One write, which the system appends whole: several processes share the file.
        let _ = file.write_all(call.as_bytes());
    }
}

fn function(user_agent: &str) -> Option<&str> {
    let name = user_agent.split(' ').find_map(|word| word.strip_prefix("app/"))?;
    let version =
        name.match_indices('-').find(|(at, _)| name[at + 1..].starts_with(|letter: char| letter.is_ascii_digit()));
    Some(version.map_or(name, |(at, _)| &name[..at]))
}

#[cfg(test)]
mod tests {
    use super::function;

    #[test]
    fn a_function_is_known_by_the_user_agent_of_its_sdk() {
        let sdk = "aws-sdk-rust/1.3.15 os/linux lang/rust/1.95.0";
        for version in ["", "-0.1.0", "-12.0.0-rc.1"] {
            assert_eq!(function(&format!("{sdk} app/launch-gate{version}")), Some("launch-gate"));
        }
        assert_eq!(function(sdk), None);
    }
}
