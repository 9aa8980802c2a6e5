//! Groups that a blue/green deployment of `CodeDeploy` has copied, and what may be asked of their launches (aws-facts 14).
//!
//! `CodeDeploy` brings the revision to the instances of such a group only after they are in service. So while the
//! deployment runs, only what stands before a deployment may be asked of a launch.

use std::time::Duration;

use crate::observation::GroupHooks;
use crate::policy::Checks;

/// How the name of a copied group begins.
const COPIED: &str = "CodeDeploy_";
/// How the id of a deployment begins, and how many capital letters and digits follow (aws-facts 14).
const DEPLOYMENT: &str = "d-";
const DIGITS: usize = 9;

/// The name of the group that a deployment to this deployment group makes as its copy.
#[must_use]
pub fn name_copied_group(deployment_group: &str, deployment: &str) -> String {
    format!("{COPIED}{deployment_group}_{deployment}")
}

/// The id of the deployment that has copied this group, as the group's name says; nothing for any other name. Whether
/// such a deployment exists, only `CodeDeploy` can tell.
#[must_use]
pub fn find_copying_deployment(group: &str) -> Option<&str> {
    let (deployment_group, id) = group.strip_prefix(COPIED)?.rsplit_once('_')?;
    let digits = id.strip_prefix(DEPLOYMENT)?;
    let is_id = digits.len() == DIGITS && digits.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    (is_id && !deployment_group.is_empty()).then_some(id)
}

/// How long after the success of a deployment its copied group may get the hooks of others. `CodeDeploy` moves its own hook
/// about then (aws-facts 14).
const HOOKS_COME_WITHIN: Duration = Duration::from_mins(1);
/// How long after it `CodeDeploy`'s own hook is waited for.
const WAITS_AT_MOST: Duration = Duration::from_mins(10);

/// Whether the launches of a copied group will pass the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gating {
    /// The group has our hook.
    Gated,
    /// It has `CodeDeploy`'s hook and not ours.
    Ungated,
    /// Hooks may still come.
    NotYet,
    /// `CodeDeploy` has left it alone.
    Unknown,
}

/// Judges the hooks of a copied group this long after its deployment has succeeded.
#[must_use]
pub fn judge_hooks(hooks: &GroupHooks, since: Duration) -> Gating {
    match (hooks.ours.is_some(), !hooks.of_codedeploy.is_empty()) {
        (true, _) => Gating::Gated,
        (false, true) if since >= HOOKS_COME_WITHIN => Gating::Ungated,
        (false, false) if since >= WAITS_AT_MOST => Gating::Unknown,
        (false, _) => Gating::NotYet,
    }
}

impl Checks {
    /// Whether they ask for something that only a revision brings.
    #[must_use]
    pub fn ask_for_a_revision(&self) -> bool {
        !self.units.is_empty() || !self.ports.is_empty() || self.url.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_copied_group_holds_its_deployment() {
        for deployment_group in ["shop", "shop_prod", "a_d-B", "CodeDeploy_x_d-ABCDEF123"] {
            let name = name_copied_group(deployment_group, "d-ABCDEF123");
            assert_eq!(find_copying_deployment(&name), Some("d-ABCDEF123"), "{name}");
        }
    }

    #[test]
    fn any_other_group_was_not_copied() {
        for group in ["web", "CodeDeploy_shop", "CodeDeploy_shop_d-", "CodeDeploy__d-ABCDEF123", "shop_d-ABCDEF123"] {
            assert_eq!(find_copying_deployment(group), None, "{group}");
        }
        for group in ["CodeDeploy_shop_d-abcdef123", "CodeDeploy_shop_d-ABC-EF123", "CodeDeploy_shop_e-ABCDEF123"] {
            assert_eq!(find_copying_deployment(group), None, "{group}");
        }
    }

    #[test]
    fn a_copy_is_ungated_once_its_hooks_had_time_to_come() {
        let hour = Duration::from_hours(1);
        let own = Some(crate::observation::Hook { heartbeat_timeout: hour, global_timeout: hour });
        let hooks = |ours: bool, codedeploys: bool| GroupHooks {
            ours: own.filter(|_| ours),
            of_codedeploy: if codedeploys { vec!["hook".to_owned()] } else { Vec::new() },
        };
        for (has_ours, codedeploys, seconds, expected) in [
            (true, true, 0, Gating::Gated),
            (true, false, 3600, Gating::Gated),
            (false, true, 59, Gating::NotYet),
            (false, true, 60, Gating::Ungated),
            (false, false, 60, Gating::NotYet),
            (false, false, 599, Gating::NotYet),
            (false, false, 600, Gating::Unknown),
            (false, true, 3600, Gating::Ungated),
        ] {
            let judged = judge_hooks(&hooks(has_ours, codedeploys), Duration::from_secs(seconds));
            assert_eq!(judged, expected, "{has_ours} {codedeploys} {seconds}");
        }
    }

    #[test]
    fn packages_and_commands_stand_before_a_deployment() {
        let names = |name: &str| vec![name.to_owned()];
        let before = Checks { packages: names("java"), commands: names("java"), ..Checks::default() };
        assert!(!before.ask_for_a_revision());
        for whole in [
            Checks { units: names("web"), ..before.clone() },
            Checks { ports: vec![8080], ..before.clone() },
            Checks { url: Some("http://localhost/health".to_owned()), ..before.clone() },
        ] {
            assert!(whole.ask_for_a_revision(), "{whole:?}");
            assert_eq!(whole.before_a_deployment(), before);
        }
    }
}
