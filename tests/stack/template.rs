//! Reads `template.yaml` as data, for the tests that compare it with the code, the samples and the documentation.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

use super::repository;

/// The template, with its short-form intrinsics (`!Ref X`) written in full (`{"Ref": "X"}`).
#[derive(Clone, Debug)]
pub struct Template(Value);

impl Template {
    /// Reads `template.yaml`.
    ///
    /// # Errors
    /// When it cannot be read, or is not YAML.
    pub fn read() -> Result<Self, String> {
        let path = repository().join("template.yaml");
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let yaml = serde_yaml_ng::from_str(&text).map_err(|error| format!("template.yaml: {error}"))?;
        Ok(Self(written_out(yaml)))
    }

    /// What stands at a JSON pointer, with `Fn::FindInMap` looked up; `null` if nothing does.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Value {
        let found = self.0.pointer(pointer).cloned().unwrap_or_default();
        match found.get("Fn::FindInMap").and_then(Value::as_array).map(Vec::as_slice) {
            Some([Value::String(map), Value::String(row), Value::String(key)]) => {
                self.at(&format!("/Mappings/{map}/{row}/{key}"))
            }
            _ => found,
        }
    }

    /// A property of a resource; `path` is a JSON pointer below its `Properties`.
    #[must_use]
    pub fn property(&self, resource: &str, path: &str) -> Value {
        self.at(&format!("/Resources/{resource}/Properties{path}"))
    }

    /// The names of all resources of one type.
    #[must_use]
    pub fn resources(&self, of_type: &str) -> Vec<String> {
        let resources = self.at("/Resources");
        let all = resources.as_object().into_iter().flatten();
        all.filter(|(_, resource)| resource.get("Type") == Some(&json!(of_type)))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The event patterns of all rules that have one, resolved as [`Template::resolved`] does. A rule with a condition counts
    /// if `refs` has its name.
    #[must_use]
    pub fn event_patterns(&self, refs: &BTreeMap<&str, &str>) -> Vec<Value> {
        let pattern = |rule: &String| Self::resolved(&self.property(rule, "/EventPattern"), refs);
        let holds = |rule: &String| {
            let condition = self.at(&format!("/Resources/{rule}/Condition"));
            condition.as_str().is_none_or(|condition| refs.contains_key(condition))
        };
        let rules = self.resources("AWS::Events::Rule").into_iter().filter(holds).collect::<Vec<_>>();
        rules.iter().map(pattern).filter(|pattern| !pattern.is_null()).collect()
    }

    /// `value` with each `Ref` in it replaced by what `refs` gives for its name; a condition holds if `refs` has its name.
    #[must_use]
    pub fn resolved(value: &Value, refs: &BTreeMap<&str, &str>) -> Value {
        if let Some(text) = value.get("Ref").and_then(Value::as_str).and_then(|name| refs.get(name)) {
            return json!(text);
        }
        if let Some([Value::String(condition), then, otherwise]) =
            value.get("Fn::If").and_then(Value::as_array).map(Vec::as_slice)
        {
            return Self::resolved(if refs.contains_key(condition.as_str()) { then } else { otherwise }, refs);
        }
        if let Some(items) = value.as_array() {
            return items.iter().map(|item| Self::resolved(item, refs)).collect();
        }
        let Some(fields) = value.as_object() else { return value.clone() };
        fields.iter().map(|(name, field)| (name.clone(), Self::resolved(field, refs))).collect()
    }
}

fn written_out(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => json!({ long_name(&tagged.tag.to_string()): written_out(tagged.value) }),
        Yaml::Sequence(items) => items.into_iter().map(written_out).collect(),
        Yaml::Mapping(fields) => fields.into_iter().filter_map(field).collect::<Map<_, _>>().into(),
        Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::String(_) => {
            serde_json::to_value(yaml).unwrap_or_default()
        }
    }
}

fn long_name(tag: &str) -> String {
    match tag.trim_start_matches('!') {
        plain @ ("Ref" | "Condition") => plain.to_owned(),
        function => format!("Fn::{function}"),
    }
}

fn field((name, value): (Yaml, Yaml)) -> Option<(String, Value)> {
    Some((name.as_str()?.to_owned(), written_out(value)))
}
