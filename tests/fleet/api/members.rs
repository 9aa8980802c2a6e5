//! Reads the members of a request within the bounds of the service model.
//!
//! The awsQuery protocol has only strings, so numbers and booleans are read from strings as well.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::super::Refused;
use super::bounds::{ANY, Text};

/// The members of one structure.
pub(super) struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    pub(super) fn of(value: &'a Value) -> Result<Self, Refused> {
        value.as_object().map(Self).ok_or_else(|| Refused::validation("the request is not a structure"))
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str, bounds: &Text) -> Result<Option<&'a str>, Refused> {
        self.get(name).map(|value| check_text(name, value, bounds)).transpose()
    }

    pub(super) fn required(&self, name: &str, bounds: &Text) -> Result<&'a str, Refused> {
        self.text(name, bounds)?.ok_or_else(|| outside("null", name, "Member must not be null"))
    }

    pub(super) fn owned(&self, name: &str, bounds: &Text) -> Result<Option<String>, Refused> {
        Ok(self.text(name, bounds)?.map(str::to_owned))
    }

    /// One of a closed list of words.
    pub(super) fn word<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Refused> {
        let read = |text| parse(text).ok_or_else(|| outside(text, name, "Member must satisfy enum value set"));
        self.text(name, &ANY)?.map(read).transpose()
    }

    pub(super) fn texts(&self, name: &str, most: usize, bounds: &Text) -> Result<Vec<String>, Refused> {
        let values = self.values(name, most)?;
        values.iter().map(|value| check_text(name, value, bounds).map(str::to_owned)).collect()
    }

    /// The structures of a list.
    pub(super) fn list(&self, name: &str, most: usize) -> Result<Vec<Self>, Refused> {
        self.values(name, most)?.iter().map(Self::of).collect()
    }

    fn values(&self, name: &str, most: usize) -> Result<&'a [Value], Refused> {
        let Some(value) = self.get(name) else {
            return Ok(&[]);
        };
        // awsQuery writes an empty list as an empty string.
        if value.as_str() == Some("") {
            return Ok(&[]);
        }
        let values = value.as_array().ok_or_else(|| Refused::validation(format!("{name} is not a list")))?;
        if values.len() > most {
            return Err(outside(
                &value.to_string(),
                name,
                &format!("Member must have length less than or equal to {most}"),
            ));
        }
        Ok(values)
    }

    pub(super) fn structure(&self, name: &str) -> Result<Option<Self>, Refused> {
        self.get(name).map(Self::of).transpose()
    }

    /// The members themselves, for maps.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        self.0.iter()
    }

    pub(super) fn number(&self, name: &str, bounds: RangeInclusive<i64>) -> Result<Option<i64>, Refused> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
        let number = number.ok_or_else(|| Refused::validation(format!("{name} is not a whole number")))?;
        within(name, &number.to_string(), "value", &number, &bounds)?;
        Ok(Some(number))
    }

    /// A number that is a size.
    pub(super) fn size(&self, name: &str) -> Result<Option<u32>, Refused> {
        Ok(self.number(name, 0..=i64::from(u32::MAX))?.and_then(|number| u32::try_from(number).ok()))
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refused> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let flag = value.as_bool().or_else(|| value.as_str()?.parse().ok());
        flag.map(Some).ok_or_else(|| Refused::validation(format!("{name} is neither true nor false")))
    }
}

fn check_text<'a>(name: &str, value: &'a Value, bounds: &Text) -> Result<&'a str, Refused> {
    let text = value.as_str().ok_or_else(|| Refused::validation(format!("{name} is not a string")))?;
    within(name, text, "length", &text.chars().count(), &bounds.chars)?;
    match bounds.pattern.filter(|pattern| !pattern.is_match(text)) {
        Some(pattern) => {
            let rule = format!("Member must satisfy regular expression pattern: {}", pattern.as_str());
            Err(outside(text, name, &rule))
        }
        None => Ok(text),
    }
}

fn within<T: PartialOrd + Display>(
    name: &str,
    value: &str,
    what: &str,
    size: &T,
    bounds: &RangeInclusive<T>,
) -> Result<(), Refused> {
    let (than, bound) = if size < bounds.start() {
        ("greater", bounds.start())
    } else if size > bounds.end() {
        ("less", bounds.end())
    } else {
        return Ok(());
    };
    Err(outside(value, name, &format!("Member must have {what} {than} than or equal to {bound}")))
}

/// The sentence in which AWS names the member, the value and the constraint; members begin in lower case there.
fn outside(value: &str, name: &str, constraint: &str) -> Refused {
    let value = if value == "null" { value.to_owned() } else { format!("'{value}'") };
    let mut chars = name.chars();
    let member: String = chars.next().into_iter().flat_map(char::to_lowercase).chain(chars).collect();
    Refused::validation(format!(
        "1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: {constraint}"
    ))
}
