//! Selects the instances of a deployment group by their tags.

use std::collections::BTreeMap;

/// What a tag filter compares [BOTO codedeploy:EC2TagFilterType].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compares {
    Key,
    Value,
    Both,
}

/// One of several, any of which is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagFilter {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) compares: Compares,
}

impl TagFilter {
    /// Whether an instance has such a tag, which it got from its Auto Scaling group.
    pub(crate) fn chooses(&self, tags: &[BTreeMap<String, String>]) -> bool {
        tags.iter().filter(|tag| tag.get("PropagateAtLaunch").is_none_or(|goes_on| goes_on == "true")).any(|tag| {
            let key = tag.get("Key") == Some(&self.key);
            let value = tag.get("Value") == Some(&self.value);
            match self.compares {
                Compares::Key => key,
                Compares::Value => value,
                Compares::Both => key && value,
            }
        })
    }
}
