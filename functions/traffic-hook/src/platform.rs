//! The compute platform of a deployment.

/// Where a deployment goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    Lambda,
    Ecs,
    /// EC2 and on-premises, which have no traffic hooks; or a platform that this code does not know.
    Other(String),
}

impl Platform {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Lambda => "Lambda",
            Self::Ecs => "ECS",
            Self::Other(name) => name,
        }
    }
}
