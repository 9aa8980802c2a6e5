//! The parameters of our documents, made from a policy.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use lifecycle::policy::{AgentPolicy, Policy};

/// The parameters of one command. An empty value is left out, so that the document's default applies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parameters(BTreeMap<&'static str, String>);

type Parameter = (&'static str, String);

impl Parameters {
    /// The parameters of a readiness run that waits up to `wait` on the instance, at most 300 s. If a repair is `offered`, it
    /// ends with the first finding that can be mended.
    #[must_use]
    pub fn of_readiness(policy: &Policy, offered: bool, wait: Duration) -> Self {
        Self::new(shared_parameters(policy).into_iter().chain(readiness_parameters(policy, offered)), wait)
    }

    /// The parameters of a repair that waits up to `wait` for the package lock. It leaves an agent alone that is to start
    /// last.
    #[must_use]
    pub fn of_repair(policy: &Policy, wait: Duration) -> Self {
        let agent = match policy.agent {
            AgentPolicy::Required => AgentPolicy::Required,
            AgentPolicy::Ignored | AgentPolicy::Last => AgentPolicy::Ignored,
        };
        Self::new(shared_parameters(&Policy { agent, ..policy.clone() }).into_iter(), wait)
    }

    /// The parameters of a repair that starts the agent, because everything else is ready.
    #[must_use]
    pub fn of_agent_start(policy: &Policy, wait: Duration) -> Self {
        Self::new(shared_parameters(policy).into_iter(), wait)
    }

    /// The parameters as `SendCommand` takes them.
    #[must_use]
    pub fn to_request(&self) -> HashMap<String, Vec<String>> {
        self.0.iter().map(|(name, value)| ((*name).to_owned(), vec![value.clone()])).collect()
    }

    fn new(policy: impl Iterator<Item = Parameter>, wait: Duration) -> Self {
        let wait = ("waitSeconds", wait.as_secs().to_string());
        Self(policy.chain([wait]).filter(|(_, value)| !value.is_empty()).collect())
    }
}

/// The part of the policy that both documents take.
fn shared_parameters(policy: &Policy) -> [Parameter; 2] {
    [("agent", policy.agent.as_str().to_owned()), ("packages", policy.checks.packages.join(" "))]
}

/// The part of the policy that only a readiness run takes.
fn readiness_parameters(policy: &Policy, offered: bool) -> [Parameter; 6] {
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
