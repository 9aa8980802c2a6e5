//! Encodes JSON values as the XML of awsQuery.

use serde_json::Value;

/// Writes `<name>…</name>`; lists have `member` elements, null is left out.
pub(super) fn element(xml: &mut String, name: &str, value: &Value) {
    if value.is_null() {
        return;
    }
    let inside = content(value);
    for part in ["<", name, ">", &inside, "</", name, ">"] {
        xml.push_str(part);
    }
}

fn content(value: &Value) -> String {
    let mut xml = String::new();
    match value {
        Value::Null => {}
        Value::String(text) => xml.push_str(&escaped(text)),
        Value::Bool(_) | Value::Number(_) => xml.push_str(&value.to_string()),
        Value::Array(values) => values.iter().for_each(|value| element(&mut xml, "member", value)),
        Value::Object(members) => members.iter().for_each(|(name, value)| element(&mut xml, name, value)),
    }
    xml
}

/// Carriage return, line feed and tab would be changed by a parser if they were not written as references.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '&' => xml.push_str("&amp;"),
            '\r' => xml.push_str("&#13;"),
            // Not allowed in XML 1.0 at all.
            c if c < ' ' && c != '\n' && c != '\t' => xml.push('\u{fffd}'),
            c => xml.push(c),
        }
    }
    xml
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn markup_in_values_stays_a_value() {
        let mut xml = String::new();
        element(&mut xml, "R", &json!({"A": "<b>&\u{1}", "L": [1, true], "N": null}));
        assert_eq!(xml, "<R><A>&lt;b&gt;&amp;\u{fffd}</A><L><member>1</member><member>true</member></L></R>");
    }
}
