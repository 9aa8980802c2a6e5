//! What the environment of traffic-hook says: how to validate. Everything is optional, and empty is as good as unset.

use http::Uri;
use serde_json::Value;

use crate::verdict::Reason;

/// How to validate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    pub(crate) smoke: Option<Smoke>,
    pub(crate) health: Option<Health>,
    /// Names of alarms that must not be in ALARM.
    pub(crate) alarms: Vec<String>,
}

/// How the new version of a Lambda function is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Smoke {
    /// What it is invoked with.
    pub(crate) event: Value,
    /// What must be in its answer.
    pub(crate) expect: Option<Value>,
}

/// Where health is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Health {
    pub(crate) url: String,
    /// How many answers in a row must be good.
    pub(crate) successes: u8,
}

/// Everything that is wrong with the environment. It is answered like any other reason: a function that failed to start
/// would leave the deployment waiting for an hour.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment of traffic-hook is wrong: {}", .0.join("; "))]
pub struct ConfigError(Vec<String>);

impl ConfigError {
    /// That the variable has this wrong with it.
    #[must_use]
    pub fn of(variable: &str, what: &str) -> Self {
        Self(vec![format!("{variable}: {what}")])
    }

    pub(crate) fn reasons(&self) -> Vec<Reason> {
        self.0.iter().map(Reason::new).collect()
    }
}

const DEFAULT_SUCCESSES: u8 = 3;

impl Config {
    /// Reads the configuration through `variable`, which answers like [`std::env::var`].
    ///
    /// # Errors
    /// [`ConfigError`] names every variable that is bad.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let given = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let mut wrong = Vec::new();
        let event = json(given("SMOKE_EVENT"), "SMOKE_EVENT", &mut wrong);
        let expect = json(given("SMOKE_EXPECT"), "SMOKE_EXPECT", &mut wrong);
        if given("SMOKE_EXPECT").is_some() && given("SMOKE_EVENT").is_none() {
            wrong.push("SMOKE_EXPECT is set and SMOKE_EVENT is not, so nothing would be compared; set both".to_owned());
        }
        let successes = successes(given("HEALTH_SUCCESSES"), &mut wrong);
        let config = Self {
            smoke: event.map(|event| Smoke { event, expect }),
            health: url(given("HEALTH_URL"), &mut wrong).map(|url| Health { url, successes }),
            alarms: alarms(given("ALARMS")),
        };
        if wrong.is_empty() { Ok(config) } else { Err(ConfigError(wrong)) }
    }
}

fn json(text: Option<String>, name: &str, wrong: &mut Vec<String>) -> Option<Value> {
    let text = text?;
    serde_json::from_str(&text).map_err(|error| wrong.push(format!("{name}: it is not JSON: {error}"))).ok()
}

fn successes(text: Option<String>, wrong: &mut Vec<String>) -> u8 {
    let Some(text) = text else { return DEFAULT_SUCCESSES };
    if let Ok(successes @ 1..=20) = text.parse() {
        return successes;
    }
    wrong.push(format!("HEALTH_SUCCESSES: {text:?} is not a whole number from 1 to 20"));
    DEFAULT_SUCCESSES
}

fn url(text: Option<String>, wrong: &mut Vec<String>) -> Option<String> {
    let text = text?;
    let read: Result<Uri, _> = text.parse();
    let is_web = |url: &Uri| matches!(url.scheme_str(), Some("http" | "https"));
    // A name and a password would go nowhere, and into the log.
    let is_plain = |url: &Uri| url.authority().is_some_and(|host| !host.as_str().contains('@'));
    if read.is_ok_and(|url| is_web(&url) && is_plain(&url)) {
        return Some(text);
    }
    wrong.push("HEALTH_URL: it is not like https://host/path, without a user name".to_owned());
    None
}

/// Each once, in the order given.
fn alarms(text: Option<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    // A name may have spaces inside.
    for name in text.unwrap_or_default().split([',', '\n']).map(str::trim).filter(|name| !name.is_empty()) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn everything_is_optional_and_empty_is_unset() {
        let names = ["SMOKE_EVENT", "SMOKE_EXPECT", "HEALTH_URL", "HEALTH_SUCCESSES", "ALARMS"];
        assert_eq!(read(&[]), Ok(Config::default()));
        assert_eq!(read(&names.map(|name| (name, " "))), Ok(Config::default()));
    }

    #[test]
    fn what_is_given_is_read() {
        let config = read(&[
            ("SMOKE_EVENT", r#"{"ping":1}"#),
            ("SMOKE_EXPECT", r#"{"ok":true}"#),
            ("HEALTH_URL", "http://shop.internal:8080/health?deep=1"),
            ("ALARMS", "errors, too slow,\nerrors\n5xx"),
        ]);
        let expected = Config {
            smoke: Some(Smoke { event: json!({"ping": 1}), expect: Some(json!({"ok": true})) }),
            health: Some(Health { url: "http://shop.internal:8080/health?deep=1".into(), successes: 3 }),
            alarms: ["errors", "too slow", "5xx"].map(str::to_owned).into(),
        };
        assert_eq!(config, Ok(expected));
    }

    #[test]
    fn one_error_names_every_bad_variable() {
        let bad =
            [("SMOKE_EVENT", "{ping}"), ("SMOKE_EXPECT", "no"), ("HEALTH_URL", "ftp://x"), ("HEALTH_SUCCESSES", "0")];
        let ConfigError(reasons) = read(&bad).unwrap_err();
        assert_eq!(reasons.len(), bad.len(), "{reasons:?}");
        assert!(bad.iter().all(|(name, _)| reasons.iter().any(|reason| reason.starts_with(&format!("{name}: ")))));
    }

    #[test]
    fn what_may_be_secret_is_not_repeated() {
        let bad = [("SMOKE_EVENT", "{secret}"), ("HEALTH_URL", "https://me:secret@shop")];
        let error = read(&bad).unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }

    #[test]
    fn an_expectation_without_an_event_would_compare_nothing() {
        assert!(read(&[("SMOKE_EXPECT", "{}")]).unwrap_err().to_string().contains("SMOKE_EVENT is not"));
    }

    #[test]
    fn a_health_url_is_one_that_can_be_asked() {
        for bad in
            ["shop", "/health", "https://", "https://me:secret@shop/health", "http://shop/he alth", "mailto:me@shop"]
        {
            assert!(read(&[("HEALTH_URL", bad)]).is_err(), "{bad}");
        }
        for successes in ["0", "21", "-1", "three"] {
            assert!(read(&[("HEALTH_SUCCESSES", successes)]).is_err(), "{successes}");
        }
    }
}
