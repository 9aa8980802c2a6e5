//! Compares an answer with the JSON that is expected in it.

use std::fmt;

use serde_json::Value;

/// The first place at which the answer differs from what is expected.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mismatch {
    /// The path of the place, such as `$.items[0].id`.
    path: String,
    expected: Value,
    found: Option<Value>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, expected, found } = self;
        match found {
            Some(found) => write!(f, "at {path} expected {}, found {}", cut(expected), cut(found)),
            None => write!(f, "at {path} expected {}, found nothing", cut(expected)),
        }
    }
}

/// Cuts a value to 200 characters: an answer may have megabytes, and a log line may have 256 KB.
fn cut(value: &Value) -> String {
    value.to_string().chars().take(SHOWN).collect()
}

const SHOWN: usize = 200;

/// None if all that is `expected` is `found`: each member of an object with its value, each element of an array of the
/// same length with its own. Numbers are equal by value, so that 1 is 1.0.
pub(crate) fn mismatch(expected: &Value, found: &Value) -> Option<Mismatch> {
    differs("$", expected, found)
}

fn differs(path: &str, expected: &Value, found: &Value) -> Option<Mismatch> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => expected.iter().find_map(|(key, value)| {
            let path = format!("{path}.{key}");
            match found.get(key) {
                Some(found) => differs(&path, value, found),
                None => Some(Mismatch { path, expected: value.clone(), found: None }),
            }
        }),
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let both = expected.iter().zip(found).enumerate();
            both.into_iter().find_map(|(at, (expected, found))| differs(&format!("{path}[{at}]"), expected, found))
        }
        (expected, found) if expected == found || same_number(expected, found) => None,
        (expected, found) => {
            Some(Mismatch { path: path.to_owned(), expected: expected.clone(), found: Some(found.clone()) })
        }
    }
}

/// Two whole numbers are not compared as floats, because two large ones could seem equal.
fn same_number(one: &Value, other: &Value) -> bool {
    let (Value::Number(a), Value::Number(b)) = (one, other) else { return false };
    (a.is_f64() || b.is_f64()) && a.as_f64().partial_cmp(&b.as_f64()) == Some(std::cmp::Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn more_than_expected_is_fine_in_objects() {
        let found = json!({"ok": true, "body": {"items": [{"id": 1, "name": "a"}], "next": null}});
        for expected in [
            json!({}),
            json!({"ok": true}),
            json!({"body": {"items": [{"id": 1}]}}),
            json!({"body": {"items": [{"id": 1.0}], "next": null}}),
            found.clone(),
        ] {
            assert_eq!(mismatch(&expected, &found), None, "{expected}");
        }
    }

    #[test]
    fn the_first_difference_is_named_with_its_path() {
        let found = json!({"ok": true, "body": {"items": [{"id": 1}, {"id": 2}]}, "n": 9_007_199_254_740_993_u64});
        for (expected, told) in [
            (json!({"ok": false}), "at $.ok expected false, found true"),
            (json!({"body": {"count": 2}}), "at $.body.count expected 2, found nothing"),
            (json!({"body": {"items": [{"id": 1}, {"id": 3}]}}), "at $.body.items[1].id expected 3, found 2"),
            (
                json!({"body": {"items": [{"id": 1}]}}),
                "at $.body.items expected [{\"id\":1}], found [{\"id\":1},{\"id\":2}]",
            ),
            (json!({"n": 9_007_199_254_740_992_u64}), "at $.n expected 9007199254740992, found 9007199254740993"),
            (json!([]), "at $ expected [], found {"),
            (json!({"ok": null}), "at $.ok expected null, found true"),
        ] {
            let told_by = mismatch(&expected, &found).unwrap().to_string();
            assert!(told_by.starts_with(told), "{told_by}");
        }
    }

    #[test]
    fn a_large_answer_is_cut() {
        let told = mismatch(&json!(1), &json!("x".repeat(1_000_000))).unwrap().to_string();
        assert!(told.len() < 300 && told.contains("found \"xxx"), "{told}");
    }
}
