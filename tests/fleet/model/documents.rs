//! Command documents, schema 2.2 (aws-facts 6.5).

use std::collections::BTreeMap;

use lifecycle::Timestamp;

use super::Fleet;
use super::content::read;
use super::parameters::Parameter;
use super::refused::Refused;
use super::steps::{Does, Step};

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
    /// In order.
    pub(crate) steps: Vec<Step>,
}

impl DocumentVersion {
    /// Whether its runs mend: it configures a package. Every other document's runs report.
    pub(super) fn mends(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.does, Does::Package(_)))
    }

    /// The place of the step with this name. With several steps it must be named (aws-facts 6.4); the refusal of a
    /// request that does not is UNCONFIRMED.
    pub(crate) fn step_at(&self, name: Option<&str>) -> Option<usize> {
        match name {
            None => (self.steps.len() == 1).then_some(0),
            Some(name) => self.steps.iter().position(|step| step.name == name),
        }
    }
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
                format!("document {} has no version {}", self.name, wanted.unwrap_or_default()),
            )
        })
    }
}

impl Fleet {
    pub(crate) fn document(&self, name: &str) -> Result<&Document, Refused> {
        // An ARN names a document as well (aws-facts 6.2).
        let plain = name.rsplit_once("document/").map_or(name, |(_, plain)| plain);
        self.documents
            .get(plain)
            .ok_or_else(|| Refused::new("InvalidDocument", format!("Document with name {name} does not exist.")))
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
        let document =
            Document { name: name.to_owned(), kind: kind.to_owned(), target, versions: vec![version], default: 1 };
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
        if document.versions.iter().any(|version| version.content == content) {
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
