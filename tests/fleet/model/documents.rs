//! Command documents, schema 2.2 (AWS-FACTS 6.5).

use std::collections::BTreeMap;

use lifecycle::Timestamp;
use serde_json::Value;

use super::Fleet;
use super::parameters::Parameter;
use super::refused::Refused;

/// AWS-FACTS 6.5.
const MOST_BYTES: usize = 64 * 1024;

pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) target: Option<String>,
    /// Version 1 first.
    pub(crate) versions: Vec<DocumentVersion>,
    pub(crate) default: usize,
}

#[derive(Clone)]
pub(crate) struct DocumentVersion {
    pub(crate) number: usize,
    pub(crate) format: String,
    pub(crate) content: String,
    pub(crate) created: Timestamp,
    pub(crate) schema: String,
    pub(crate) description: Option<String>,
    pub(crate) parameters: BTreeMap<String, Parameter>,
    pub(crate) step: Step,
}

/// The step that runs a script; the fleet runs one per document, the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) script: String,
    /// Seconds, or a placeholder for a parameter.
    pub(crate) timeout: String,
}

impl Document {
    /// `$DEFAULT`, `$LATEST` or a number; absent: the default.
    pub(crate) fn version(&self, wanted: Option<&str>) -> Result<&DocumentVersion, Refused> {
        let number = match wanted {
            None | Some("$DEFAULT") => self.default,
            Some("$LATEST") => self.versions.len(),
            Some(number) => number.parse().unwrap_or(0),
        };
        let found = number.checked_sub(1).and_then(|at| self.versions.get(at));
        found.ok_or_else(|| {
            Refused::new(
                "InvalidDocumentVersion",
                format!(
                    "document {} has no version {}",
                    self.name,
                    wanted.unwrap_or_default()
                ),
            )
        })
    }
}

impl Fleet {
    pub(crate) fn document(&self, name: &str) -> Result<&Document, Refused> {
        // An ARN names a document as well (AWS-FACTS 6.2).
        let plain = name
            .rsplit_once("document/")
            .map_or(name, |(_, plain)| plain);
        self.documents.get(plain).ok_or_else(|| {
            Refused::new(
                "InvalidDocument",
                format!("Document with name {name} does not exist."),
            )
        })
    }

    pub(crate) fn create_document(
        &mut self,
        now: Timestamp,
        name: &str,
        kind: &str,
        format: &str,
        content: &str,
        target: Option<String>,
    ) -> Result<&Document, Refused> {
        if self.documents.contains_key(name) {
            return Err(Refused::new(
                "DocumentAlreadyExists",
                format!("Document with same name {name} already exists"),
            ));
        }
        let version = read(now, 1, format, content)?;
        let document = Document {
            name: name.to_owned(),
            kind: kind.to_owned(),
            target,
            versions: vec![version],
            default: 1,
        };
        Ok(self.documents.entry(name.to_owned()).or_insert(document))
    }

    pub(crate) fn update_document(
        &mut self,
        now: Timestamp,
        name: &str,
        format: &str,
        content: &str,
    ) -> Result<(&Document, DocumentVersion), Refused> {
        self.document(name)?;
        let Some(document) = self.documents.get_mut(name) else {
            return Err(Refused::new("InvalidDocument", name));
        };
        if document
            .versions
            .iter()
            .any(|version| version.content == content)
        {
            return Err(Refused::new(
                "DuplicateDocumentContent",
                "The content of the association document matches another document. Change the content of the document and try again.",
            ));
        }
        let version = read(now, document.versions.len() + 1, format, content)?;
        document.versions.push(version.clone());
        Ok((document, version))
    }

    pub(crate) fn set_default_version(&mut self, name: &str, number: &str) -> Result<(), Refused> {
        let number = self.document(name)?.version(Some(number))?.number;
        if let Some(document) = self.documents.get_mut(name) {
            document.default = number;
        }
        Ok(())
    }

    pub(crate) fn delete_document(&mut self, name: &str) -> Result<(), Refused> {
        self.document(name)?;
        self.documents.remove(name);
        Ok(())
    }
}

fn invalid(why: impl Into<String>) -> Refused {
    Refused::new("InvalidDocumentContent", why)
}

fn read(
    now: Timestamp,
    number: usize,
    format: &str,
    content: &str,
) -> Result<DocumentVersion, Refused> {
    if content.len() > MOST_BYTES {
        return Err(Refused::new(
            "MaxDocumentSizeExceeded",
            "The size limit of a document is 64 KB.",
        ));
    }
    let parsed = parse(format, content)?;
    let schema = parsed
        .get("schemaVersion")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if schema != "2.2" {
        return Err(Refused::new(
            "InvalidDocumentSchemaVersion",
            format!(
                "schemaVersion must be the string 2.2, not {:?}",
                parsed.get("schemaVersion")
            ),
        ));
    }
    let step = first_script(&parsed)?;
    let parameters = read_parameters(&parsed)?;
    let description = parsed
        .get("description")
        .and_then(Value::as_str)
        .map(str::to_owned);
    Ok(DocumentVersion {
        number,
        format: format.to_owned(),
        content: content.to_owned(),
        created: now,
        schema,
        description,
        parameters,
        step,
    })
}

fn parse(format: &str, content: &str) -> Result<Value, Refused> {
    match format {
        "YAML" => serde_yaml_ng::from_str(content)
            .map_err(|e| invalid(format!("YAML not well-formed. {e}"))),
        "JSON" => {
            serde_json::from_str(content).map_err(|e| invalid(format!("JSON not well-formed. {e}")))
        }
        other => Err(invalid(format!(
            "the fleet reads documents in YAML or JSON, not {other}"
        ))),
    }
}

fn read_parameters(document: &Value) -> Result<BTreeMap<String, Parameter>, Refused> {
    let Some(parameters) = document.get("parameters").and_then(Value::as_object) else {
        return Ok(BTreeMap::new());
    };
    let read = |(name, value): (&String, &Value)| {
        Parameter::read(name, value)
            .map(|parameter| (name.clone(), parameter))
            .map_err(invalid)
    };
    parameters.iter().map(read).collect()
}

fn first_script(document: &Value) -> Result<Step, Refused> {
    let steps = document
        .get("mainSteps")
        .and_then(Value::as_array)
        .filter(|steps| !steps.is_empty());
    let steps = steps.ok_or_else(|| invalid("a document of schema 2.2 has a list mainSteps"))?;
    for step in steps {
        let (action, name) = (text(step, "/action"), text(step, "/name"));
        if action.is_empty() || name.is_empty() {
            return Err(invalid("every step has an action and a name"));
        }
        if action == "aws:runShellScript" {
            return Ok(Step {
                name,
                script: script(step)?,
                timeout: number_or_text(step.pointer("/inputs/timeoutSeconds")),
            });
        }
    }
    let first = steps
        .first()
        .map(|step| text(step, "/name"))
        .unwrap_or_default();
    Ok(Step {
        name: first,
        script: String::new(),
        timeout: String::new(),
    })
}

fn script(step: &Value) -> Result<String, Refused> {
    let lines = step.pointer("/inputs/runCommand").and_then(Value::as_array);
    let lines = lines
        .ok_or_else(|| invalid("aws:runShellScript needs inputs.runCommand, a list of strings"))?;
    let lines: Option<Vec<&str>> = lines.iter().map(Value::as_str).collect();
    lines
        .map(|lines| lines.join("\n"))
        .ok_or_else(|| invalid("inputs.runCommand is a list of strings"))
}

fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn number_or_text(value: Option<&Value>) -> String {
    value
        .map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        })
        .unwrap_or_default()
}
