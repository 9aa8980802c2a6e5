//! A group of a story file.

use super::StoryError;
use super::shape::ToldGroup;

/// A group that a play creates beside its own; the fleet itself ignores it.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent keys")]
pub struct Group {
    /// The policy of the gate's hook. Without one there is no such hook.
    pub policy: Option<serde_json::Value>,
    /// That hook's heartbeat timeout.
    pub heartbeat: u32,
    /// Whether it is a deployment group's, so that CodeDeploy's own hook is on it.
    pub codedeploy: bool,
    /// Whether it launches one instance, and replaces each that fails. Other groups of a play replace none.
    pub replaces: bool,
    /// Whether a blue/green deployment copies it as soon as its own launches are in service.
    pub copied: bool,
    /// Whether its instances are launched into a warm pool first.
    pub pool: bool,
}

impl Group {
    pub(super) fn read(name: &str, value: toml::Value) -> Result<Self, StoryError> {
        let wrong = |error: String| StoryError::Group(name.to_owned(), error);
        let told: ToldGroup = value.try_into().map_err(|e: toml::de::Error| wrong(e.to_string().trim().to_owned()))?;
        let policy = told.policy.as_ref().map(serde_json::to_value);
        let policy = policy.transpose().map_err(|e| wrong(e.to_string()))?;
        told.check().map_err(wrong)?;
        let ToldGroup { codedeploy, copied, pool, replaces, .. } = told;
        Ok(Self { policy, heartbeat: told.heartbeat.unwrap_or_default(), codedeploy, replaces, copied, pool })
    }
}
