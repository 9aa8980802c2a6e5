//! The environment of traffic-hook: how to validate. Every variable is optional, and an empty one counts as unset.

use http::Uri;
use serde_json::Value;

use runtime::environment::{ConfigError, Environment};

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

const DEFAULT_SUCCESSES: u8 = 3;

impl Config {
    /// Reads the configuration through `variable`, which answers like [`std::env::var`].
    ///
    /// # Errors
    /// [`ConfigError`] names every variable that is bad.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut environment = Environment::new(variable);
        let event = read_json(&mut environment, "SMOKE_EVENT");
        let expect = read_json(&mut environment, "SMOKE_EXPECT");
        if environment.read_optional("SMOKE_EXPECT").is_some() && environment.read_optional("SMOKE_EVENT").is_none() {
            let why = "SMOKE_EXPECT is set and SMOKE_EVENT is not, so nothing would be compared; set both";
            environment.add_error(why.to_owned());
        }
        let successes = environment.read_number("HEALTH_SUCCESSES", 1..=20).unwrap_or(DEFAULT_SUCCESSES);
        let config = Self {
            smoke: event.map(|event| Smoke { event, expect }),
            health: read_url(&mut environment).map(|url| Health { url, successes }),
            alarms: read_alarms(&environment),
        };
        environment.finish("traffic-hook", config)
    }
}

fn read_json<F: Fn(&str) -> Option<String>>(environment: &mut Environment<F>, name: &str) -> Option<Value> {
    let text = environment.read_optional(name)?;
    let read = serde_json::from_str(&text);
    read.map_err(|error| environment.add_error(format!("{name}: it is not JSON: {error}"))).ok()
}

fn read_url<F: Fn(&str) -> Option<String>>(environment: &mut Environment<F>) -> Option<String> {
    let text = environment.read_optional("HEALTH_URL")?;
    let read: Result<Uri, _> = text.parse();
    let is_web = |url: &Uri| matches!(url.scheme_str(), Some("http" | "https"));
    // A user name and a password would not be sent, and would stand in the log.
    let is_plain = |url: &Uri| url.authority().is_some_and(|host| !host.as_str().contains('@'));
    if read.is_ok_and(|url| is_web(&url) && is_plain(&url)) {
        return Some(text);
    }
    environment.add_error("HEALTH_URL: it is not like https://host/path, without a user name".to_owned());
    None
}

/// Each name once, in the order given. A name may have spaces inside.
fn read_alarms<F: Fn(&str) -> Option<String>>(environment: &Environment<F>) -> Vec<String> {
    let text = environment.read_optional("ALARMS").unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    for name in text.split([',', '\n']).map(str::trim).filter(|name| !name.is_empty()) {
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
        let error = read(&bad).unwrap_err();
        let reasons = error.wrong();
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
