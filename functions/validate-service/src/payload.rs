//! What validate-service is invoked with, before anything is known about it.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// The most bytes of a payload. A request with every check that a policy may name has less than 5,000.
const LONGEST: usize = 16_384;

/// The JSON of an invocation, or why it is not read. Every instance with the policy `InvokeValidateService` may send any
/// JSON, and Lambda counts a payload that the runtime cannot read as an error of the function; the alarm on errors takes
/// back a release.
#[derive(Clone, Debug, PartialEq)]
pub struct Payload(pub(crate) Result<Value, String>);

impl Payload {
    /// Reads the JSON.
    #[must_use]
    pub fn read(text: &str) -> Self {
        if text.len() > LONGEST {
            return Self(Err(format!("the request has {} bytes; at most {LONGEST} are read", text.len())));
        }
        Self(serde_json::from_str(text).map_err(|error| format!("the request cannot be read: {error}")))
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The text as it is: nested however deep, and with numbers and escapes that no value can hold.
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self::read(raw.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Value, String> {
        serde_json::from_str::<Payload>(text).unwrap().0
    }

    #[test]
    fn json_that_no_value_can_hold_is_a_reason_and_no_error_of_the_function() {
        let nested = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
        for (text, why) in [
            (nested.as_str(), "recursion limit"),
            (r#"{"patience":1e999}"#, "number out of range"),
            (r#"{"deployment_id":"\ud800"}"#, "hex escape"),
            (&format!("\"{}\"", "d".repeat(3_000_000)), "3000002 bytes; at most 16384"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(why) && told.len() < 200, "{told}");
        }
        assert_eq!(read(r#"{"patience":1}"#), Ok(serde_json::json!({"patience": 1})));
    }
}
