//! Reads the content of a document (aws-facts 6.5).

use std::collections::{BTreeMap, BTreeSet};

use lifecycle::Timestamp;
use serde_json::Value;

use super::documents::DocumentVersion;
use super::parameters::Parameter;
use super::refused::Refused;
use super::steps::{Does, Step};

/// aws-facts 6.5.
const MOST_BYTES: usize = 64 * 1024;

fn invalid(why: impl Into<String>) -> Refused {
    Refused::new("InvalidDocumentContent", why)
}

pub(super) fn read(now: Timestamp, number: usize, format: &str, content: &str) -> Result<DocumentVersion, Refused> {
    if content.len() > MOST_BYTES {
        return Err(Refused::new("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB."));
    }
    let parsed = parse(format, content)?;
    Ok(DocumentVersion {
        number,
        format: format.to_owned(),
        content: content.to_owned(),
        created: now,
        schema: schema(&parsed)?,
        description: parsed.get("description").and_then(Value::as_str).map(str::to_owned),
        parameters: read_parameters(&parsed)?,
        steps: read_steps(&parsed)?,
    })
}

fn schema(document: &Value) -> Result<String, Refused> {
    match document.get("schemaVersion") {
        Some(Value::String(schema)) if schema == "2.2" => Ok(schema.clone()),
        other => Err(Refused::new(
            "InvalidDocumentSchemaVersion",
            format!("schemaVersion must be the string 2.2, not {other:?}"),
        )),
    }
}

fn parse(format: &str, content: &str) -> Result<Value, Refused> {
    match format {
        "YAML" => serde_yaml_ng::from_str(content).map_err(|e| invalid(format!("YAML not well-formed. {e}"))),
        "JSON" => serde_json::from_str(content).map_err(|e| invalid(format!("JSON not well-formed. {e}"))),
        other => Err(invalid(format!("the fleet reads documents in YAML or JSON, not {other}"))),
    }
}

fn read_parameters(document: &Value) -> Result<BTreeMap<String, Parameter>, Refused> {
    let Some(parameters) = document.get("parameters").and_then(Value::as_object) else {
        return Ok(BTreeMap::new());
    };
    let read = |(name, value): (&String, &Value)| {
        Parameter::read(name, value).map(|parameter| (name.clone(), parameter)).map_err(invalid)
    };
    parameters.iter().map(read).collect()
}

fn read_steps(document: &Value) -> Result<Vec<Step>, Refused> {
    let steps = document.get("mainSteps").and_then(Value::as_array).filter(|steps| !steps.is_empty());
    let steps = steps.ok_or_else(|| invalid("a document of schema 2.2 has a list mainSteps"))?;
    let steps: Vec<Step> = steps.iter().map(read_step).collect::<Result<_, _>>()?;
    let names: BTreeSet<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    if names.len() < steps.len() {
        return Err(invalid("two steps have the same name"));
    }
    Ok(steps)
}

fn read_step(step: &Value) -> Result<Step, Refused> {
    let (action, name) = (text(step, "/action"), text(step, "/name"));
    if action.is_empty() || name.is_empty() {
        return Err(invalid("every step has an action and a name"));
    }
    let does = match action.as_str() {
        "aws:runShellScript" => Does::Script(script(step)?),
        "aws:configurePackage" => Does::Package(package(step)?),
        _ => Does::Unknown,
    };
    let platform = text(step, "/precondition/StringEquals/1");
    Ok(Step {
        name,
        action,
        does,
        timeout: number_or_text(step.pointer("/inputs/timeoutSeconds")),
        on_failure: text(step, "/inputs/onFailure"),
        on_success: text(step, "/inputs/onSuccess"),
        finally: number_or_text(step.pointer("/inputs/finallyStep")) == "true",
        platform: (!platform.is_empty()).then_some(platform),
    })
}

/// amazon-ssm-agent agent/plugins/configurepackage/configurepackage.go: a name, and Install or Uninstall.
fn package(step: &Value) -> Result<String, Refused> {
    let (name, action) = (text(step, "/inputs/name"), text(step, "/inputs/action"));
    if name.is_empty() || !["Install", "Uninstall"].contains(&action.as_str()) {
        return Err(invalid("aws:configurePackage needs inputs.name and inputs.action, Install or Uninstall"));
    }
    Ok(name)
}

fn script(step: &Value) -> Result<String, Refused> {
    let lines = step.pointer("/inputs/runCommand").and_then(Value::as_array);
    let lines = lines.ok_or_else(|| invalid("aws:runShellScript needs inputs.runCommand, a list of strings"))?;
    let lines: Option<Vec<&str>> = lines.iter().map(Value::as_str).collect();
    lines.map(|lines| lines.join("\n")).ok_or_else(|| invalid("inputs.runCommand is a list of strings"))
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn number_or_text(value: Option<&Value>) -> String {
    value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).unwrap_or_default()
}
