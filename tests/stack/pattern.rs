//! Event patterns of EventBridge, as far as the template uses them: exact values, `prefix`, `anything-but`, `exists`.

use serde_json::Value;

/// Whether a rule with this `EventPattern` takes this event. A filter that is not known here matches nothing.
#[must_use]
pub fn matches(pattern: &Value, event: &Value) -> bool {
    let Some(fields) = pattern.as_object() else {
        return false;
    };
    fields.iter().all(|(name, wanted)| field_matches(wanted, event.get(name)))
}

fn field_matches(wanted: &Value, found: Option<&Value>) -> bool {
    if let Value::Array(any_of) = wanted {
        return any_of.iter().any(|filter| filter_matches(filter, found));
    }
    found.is_some_and(|found| matches(wanted, found))
}

fn filter_matches(filter: &Value, found: Option<&Value>) -> bool {
    let Some((name, operand)) = filter.as_object().and_then(|filter| filter.iter().next()) else {
        return found.is_some_and(|found| holds(found, filter));
    };
    match name.as_str() {
        "exists" => Some(found.is_some()) == operand.as_bool(),
        "prefix" => {
            found.and_then(Value::as_str).zip(operand.as_str()).is_some_and(|(text, start)| text.starts_with(start))
        }
        "anything-but" => found.is_some_and(|found| !holds(operand, found)),
        _ => false,
    }
}

/// A value is itself; a list is each of its members, in an event as in a filter.
fn holds(value: &Value, wanted: &Value) -> bool {
    value == wanted || value.as_array().is_some_and(|members| members.contains(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_filter_takes_what_it_names_and_nothing_else() {
        let event = json!({"source": "aws.ssm", "resources": ["a", "b"], "detail": {"status": "Failed"}});
        let takes = |pattern| matches(&pattern, &event);
        assert!(takes(json!({"source": ["aws.ec2", "aws.ssm"], "detail": {"status": ["Failed"]}})));
        assert!(takes(json!({"resources": ["b"], "source": [{"prefix": "aws."}]})));
        assert!(takes(json!({"detail": {"status": [{"anything-but": ["Pending"]}], "exit": [{"exists": false}]}})));
        assert!(!takes(json!({"detail": {"status": [{"anything-but": ["Failed"]}]}})));
        assert!(!takes(json!({"detail": {"status": [{"anything-but": "Failed"}]}})));
        assert!(!takes(json!({"detail": {"exit": [{"anything-but": ["Pending"]}]}})));
        assert!(!takes(json!({"detail": {"status": {"code": ["Failed"]}}})));
        assert!(!takes(json!({"source": [{"suffix": "ssm"}]})));
    }
}
