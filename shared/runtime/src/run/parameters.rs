//! The parameters of our documents, from a policy.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use lifecycle::policy::Policy;

/// What a command is given. An empty list is left to the document's own default.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parameters(BTreeMap<&'static str, String>);

type Parameter = (&'static str, String);

impl Parameters {
    /// Those of a readiness run that waits up to `wait` on the instance, 300 s at most; and no longer than the first
    /// finding that can be mended, where a repair is `offered`.
    #[must_use]
    pub fn of_readiness(policy: &Policy, offered: bool, wait: Duration) -> Self {
        Self::given(mends(policy).into_iter().chain(looks(policy, offered)), wait)
    }

    /// Those of a repair that waits up to `wait` for the package lock.
    pub(crate) fn of_repair(policy: &Policy, wait: Duration) -> Self {
        Self::given(mends(policy).into_iter(), wait)
    }

    /// As `SendCommand` takes them.
    #[must_use]
    pub fn sent(&self) -> HashMap<String, Vec<String>> {
        self.0.iter().map(|(name, value)| ((*name).to_owned(), vec![value.clone()])).collect()
    }

    fn given(policy: impl Iterator<Item = Parameter>, wait: Duration) -> Self {
        let wait = ("waitSeconds", wait.as_secs().to_string());
        Self(policy.chain([wait]).filter(|(_, value)| !value.is_empty()).collect())
    }
}

/// The policy, as far as a repair can follow it: both documents take it.
fn mends(policy: &Policy) -> [Parameter; 2] {
    [("agent", policy.agent.as_str().to_owned()), ("packages", policy.checks.packages.join(" "))]
}

/// The rest of the policy, which a readiness run only looks at.
fn looks(policy: &Policy, offered: bool) -> [Parameter; 6] {
    let checks = &policy.checks;
    let ports: Vec<String> = checks.ports.iter().map(u16::to_string).collect();
    [
        ("userData", policy.user_data.as_str().to_owned()),
        ("repair", if offered { "offered" } else { "none" }.to_owned()),
        ("units", checks.units.join(" ")),
        ("commands", checks.commands.join(" ")),
        ("ports", ports.join(" ")),
        ("url", checks.url.clone().unwrap_or_default()),
    ]
}
