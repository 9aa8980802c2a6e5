//! The law about an agent that starts last.

use launchgate_tests::fleet::What;

use super::Life;
use crate::scene::Scene;

pub(crate) const LAST: &str = "no deployment begins before all but the agent is ready";

impl Life<'_> {
    /// Where the agent comes last, it takes no lifecycle event of a deployment before a report has said that nothing is
    /// wrong but the agent.
    pub(super) fn agent_comes_last(&self, scene: &Scene) -> Option<(&'static str, String)> {
        if !scene.has_agent_last() {
            return None;
        }
        let taken = self.entries.iter().position(|entry| matches!(entry.what, What::AgentTakes { .. }))?;
        let lacks_only_agent = |what: &What| {
            let What::RunEnded { document, only_agent: true, .. } = what else { return false };
            document.starts_with("readiness")
        };
        let before = self.entries.iter().take(taken).any(|entry| lacks_only_agent(&entry.what));
        let what = self.entries.get(taken).filter(|_| !before)?;
        Some((LAST, what.to_string()))
    }
}
