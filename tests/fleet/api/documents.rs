//! Operations on documents.

use lifecycle::Timestamp;
use serde_json::{Map, Value, json};

use super::super::model::documents::{Document, DocumentVersion};
use super::super::{Fleet, Refused};
use super::bounds::{ANY, DOCUMENT, NEW_DOCUMENT, Text, VERSION};
use super::members::Members;
use super::times::epoch;
use super::{Outcome, page};

/// [BOTO ssm:DocumentContent]
static CONTENT: Text = Text::chars(1, usize::MAX);

/// JSON unless it says otherwise ([BOTO ssm:CreateDocumentRequest.DocumentFormat]).
fn format<'a>(members: &Members<'a>) -> Result<&'a str, Refused> {
    Ok(members.text("DocumentFormat", &ANY)?.unwrap_or("JSON"))
}

pub(super) fn create(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let name = members.required("Name", &NEW_DOCUMENT)?;
    let kind = members.text("DocumentType", &ANY)?.unwrap_or("Command");
    let content = members.required("Content", &CONTENT)?;
    let target = members.owned("TargetType", &ANY)?;
    let owner = fleet.settings.account.clone();
    let document = fleet.create_document(now, name, kind, format(members)?, content, target)?;
    Ok(json!({"DocumentDescription": description(&owner, document, document.version(None)?)}))
}

pub(super) fn update(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let name = members.required("Name", &NEW_DOCUMENT)?;
    let content = members.required("Content", &CONTENT)?;
    let owner = fleet.settings.account.clone();
    let (document, version) = fleet.update_document(now, name, format(members)?, content)?;
    Ok(json!({"DocumentDescription": description(&owner, document, &version)}))
}

pub(super) fn set_default(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let (name, version) = (members.required("Name", &NEW_DOCUMENT)?, members.required("DocumentVersion", &VERSION)?);
    fleet.set_default_version(name, version)?;
    Ok(json!({"Description": {"Name": name, "DefaultVersion": version}}))
}

pub(super) fn describe(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let document = fleet.document(members.required("Name", &DOCUMENT)?)?;
    let version = document.version(members.text("DocumentVersion", &VERSION)?)?;
    Ok(json!({"Document": description(&fleet.settings.account, document, version)}))
}

pub(super) fn get(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let document = fleet.document(members.required("Name", &DOCUMENT)?)?;
    let version = document.version(members.text("DocumentVersion", &VERSION)?)?;
    Ok(json!({
        "Name": document.name, "CreatedDate": epoch(version.created), "DocumentVersion": version.number.to_string(),
        "Status": "Active", "Content": version.content, "DocumentType": document.kind, "DocumentFormat": version.format,
    }))
}

pub(super) fn delete(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    fleet.delete_document(members.required("Name", &NEW_DOCUMENT)?)?;
    Ok(json!({}))
}

/// The account's own documents; the fleet has no others, so that it looks at no filter.
pub(super) fn list(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let owner = fleet.settings.account.clone();
    let identify = |document: &Document| json!({"Name": document.name, "Owner": owner, "DocumentType": document.kind});
    let most = members.number("MaxResults", 1..=50)?.unwrap_or(50);
    page::of("DocumentIdentifiers", fleet.documents.values(), identify, members, most)
}

fn description(owner: &str, document: &Document, version: &DocumentVersion) -> Value {
    let mut described = json!({
        "Name": document.name, "Owner": owner, "CreatedDate": epoch(version.created), "Status": "Active",
        "DocumentVersion": version.number.to_string(), "Parameters": parameters(version),
        "PlatformTypes": ["Linux"], "DocumentType": document.kind, "SchemaVersion": version.schema,
        "LatestVersion": document.versions.len().to_string(), "DefaultVersion": document.default.to_string(),
        "DocumentFormat": version.format, "Tags": [],
    });
    let options = [("Description", &version.description), ("TargetType", &document.target)];
    let given: Map<String, Value> =
        options.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?)))).collect();
    if let Some(described) = described.as_object_mut() {
        described.extend(given);
    }
    described
}

fn parameters(version: &DocumentVersion) -> Vec<Value> {
    let one = |(name, parameter): (&String, &super::super::model::parameters::Parameter)| {
        let mut described = json!({"Name": name, "Type": parameter.kind, "Description": parameter.description.clone().unwrap_or_default()});
        if let (Some(default), Some(described)) = (&parameter.default, described.as_object_mut()) {
            described.insert("DefaultValue".to_owned(), json!(default.join(",")));
        }
        described
    };
    version.parameters.iter().map(one).collect()
}
