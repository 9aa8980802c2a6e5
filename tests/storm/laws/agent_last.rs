//! The law about an agent that starts last.

use launchgate_tests::fleet::What;

use lifecycle::green::find_copying_deployment;

use super::Life;
use crate::scene::Scene;

pub(crate) const LAST: &str = "no deployment begins before all but the agent is ready";

impl Life<'_> {
    /// Where the agent comes last, it takes no lifecycle event of a deployment before a report has said that nothing is
    /// wrong but the agent. Left out are launches of a copied group on which nobody has put our hook (aws-facts 14): the gate
    /// knows nothing of them.
    pub(super) fn agent_comes_last(&self, scene: &Scene) -> Option<(&'static str, String)> {
        if !scene.has_agent_last() || self.is_of_an_ungated_copy() {
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

    fn is_of_an_ungated_copy(&self) -> bool {
        let copied =
            |what: &What| matches!(what, What::Launched { group, .. } if find_copying_deployment(group).is_some());
        let has = |fits: &dyn Fn(&What) -> bool| self.entries.iter().any(|entry| fits(&entry.what));
        has(&copied) && !has(&|what| matches!(what, What::RunSent { .. }))
    }
}
