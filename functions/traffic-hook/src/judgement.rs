//! What is to be answered, and about which deployment.

use crate::deployment::Deployment;
use crate::validation::{Problem, Validation};

/// What is to be answered.
pub(crate) struct Judgement {
    /// The deployment, if it could be read.
    pub(crate) deployment: Option<Deployment>,
    /// How the validation ended; nothing if the deployment does not exist, so that there is nothing to answer.
    pub(crate) validation: Option<Validation>,
}

impl Judgement {
    pub(crate) fn failed(deployment: Option<Deployment>, problems: Vec<Problem>) -> Self {
        Self { deployment, validation: Some(Validation::failed(problems)) }
    }
}
