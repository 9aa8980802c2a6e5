//! The parameters of a document, and the values that `SendCommand` may give them (aws-facts 6.5).

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

use super::documents::DocumentVersion;
use super::refused::Refused;

/// What a command's parameters are: every one a list of strings.
pub(crate) type Given = BTreeMap<String, Vec<String>>;

#[derive(Clone)]
pub(crate) struct Parameter {
    /// `String` or `StringList`; the other types are Automation's.
    pub(crate) kind: String,
    pub(crate) description: Option<String>,
    pub(crate) default: Option<Vec<String>>,
    /// Exported to the script as `SSM_<name>` rather than written into it.
    pub(crate) as_environment: bool,
    allowed: Option<Vec<String>>,
    pattern: Option<Regex>,
    min_chars: usize,
    max_chars: usize,
}

impl Parameter {
    pub(super) fn read(name: &str, value: &Value) -> Result<Self, String> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let kind = text("type").unwrap_or_default();
        if !["String", "StringList"].contains(&kind.as_str()) {
            return Err(format!("parameter {name} has type {kind:?}; a Command document takes String and StringList"));
        }
        Ok(Self {
            kind,
            description: text("description"),
            default: value.get("default").map(strings),
            as_environment: text("interpolationType").is_some_and(|kind| kind == "ENV_VAR"),
            allowed: value.get("allowedValues").map(strings),
            pattern: text("allowedPattern").map(|pattern| whole(name, &pattern)).transpose()?,
            min_chars: count(value.get("minChars")).unwrap_or(0),
            max_chars: count(value.get("maxChars")).unwrap_or(usize::MAX),
        })
    }

    fn check(&self, name: &str, values: &[String]) -> Result<(), String> {
        if self.kind == "String" && values.len() != 1 {
            return Err(format!("parameter {name} takes one value, not {}", values.len()));
        }
        values.iter().try_for_each(|value| self.check_one(name, value))
    }

    fn check_one(&self, name: &str, value: &str) -> Result<(), String> {
        if let Some(allowed) = self.allowed.as_ref().filter(|allowed| !allowed.iter().any(|one| one == value)) {
            return Err(format!("parameter {name} has value {value:?}, which is not one of {allowed:?}"));
        }
        if let Some(pattern) = self.pattern.as_ref().filter(|pattern| !pattern.is_match(value)) {
            return Err(format!("parameter {name} has value {value:?}, which does not match {pattern}"));
        }
        let chars = value.chars().count();
        if chars < self.min_chars || chars > self.max_chars {
            return Err(format!("parameter {name} has {chars} characters"));
        }
        Ok(())
    }
}

/// The agent matches with Go's `regexp`, which like ours has no look-around (aws-facts 6.5).
fn whole(name: &str, pattern: &str) -> Result<Regex, String> {
    Regex::new(&format!("^(?:{pattern})$")).map_err(|e| format!("allowedPattern of parameter {name}: {e}"))
}

fn strings(value: &Value) -> Vec<String> {
    let one = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    value.as_array().map_or_else(|| vec![one(value)], |values| values.iter().map(one).collect())
}

fn count(value: Option<&Value>) -> Option<usize> {
    let value = value?;
    value.as_u64().and_then(|count| usize::try_from(count).ok()).or_else(|| value.as_str()?.parse().ok())
}

impl DocumentVersion {
    /// What was given and what the document adds to it, or why it does not take that.
    pub(super) fn accept(&self, given: &Given) -> Result<Given, Refused> {
        let invalid = |why: String| Refused::new("InvalidParameters", why);
        if let Some(unknown) = given.keys().find(|name| !self.parameters.contains_key(*name)) {
            return Err(invalid(format!("the document has no parameter {unknown}")));
        }
        let mut accepted = Given::new();
        for (name, parameter) in &self.parameters {
            let values = given
                .get(name)
                .or(parameter.default.as_ref())
                .ok_or_else(|| invalid(format!("parameter {name} is required")))?;
            parameter.check(name, values).map_err(invalid)?;
            accepted.insert(name.clone(), values.clone());
        }
        Ok(accepted)
    }

    /// The script with the values of textually substituted parameters in it, and the environment of the others.
    pub(super) fn interpolate(&self, text: &str, values: &Given) -> (String, BTreeMap<String, String>) {
        let mut script = text.to_owned();
        let mut environment = BTreeMap::new();
        for (name, parameter) in &self.parameters {
            let value = values.get(name).map(|values| values.join(" ")).unwrap_or_default();
            if parameter.as_environment {
                environment.insert(format!("SSM_{name}"), value);
            } else {
                script = substitute(&script, name, &value);
            }
        }
        (script, environment)
    }
}

/// `{{ name }}` with or without blanks.
fn substitute(text: &str, name: &str, value: &str) -> String {
    ["{{ ", "{{"].into_iter().fold(text.to_owned(), |text, open| {
        let close = if open.ends_with(' ') { " }}" } else { "}}" };
        text.replace(&format!("{open}{name}{close}"), value)
    })
}
