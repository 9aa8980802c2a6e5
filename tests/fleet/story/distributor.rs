//! What a story says about the two ways to a missing agent: the Region's installer and Distributor.

use serde::Deserialize;

use super::Story;

impl Story {
    /// Whether the Region's installer of the agent can be fetched.
    pub(crate) fn region(&self) -> bool {
        self.told.region
    }

    /// What Distributor makes of a request for the agent's package.
    pub(crate) fn distributor(&self) -> Distributor {
        self.told.distributor
    }
}

/// What Distributor makes of a request for the agent's package (aws-facts 17).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub(crate) enum Distributor {
    /// It has the package in this Region.
    #[default]
    Has,
    /// It has none.
    Lacks,
    /// SSM throttles the question after its document until the step gives up.
    Throttled,
    /// SSM accepts the question and never answers.
    Hangs,
}

/// As it stands in the file.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected true, false, \"throttled\" or \"hangs\"")]
enum Written {
    Has(bool),
    Word(Word),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Throttled,
    Hangs,
}

impl From<Written> for Distributor {
    fn from(written: Written) -> Self {
        match written {
            Written::Has(true) => Self::Has,
            Written::Has(false) => Self::Lacks,
            Written::Word(Word::Throttled) => Self::Throttled,
            Written::Word(Word::Hangs) => Self::Hangs,
        }
    }
}
