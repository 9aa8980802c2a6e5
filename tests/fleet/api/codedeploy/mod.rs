//! Operations of CodeDeploy. It refuses a member that it cannot read with an error of its own for each member.

pub(super) mod applications;
mod blue_green;
pub(super) mod deployment_groups;
pub(super) mod deployments;
pub(super) mod targets;

use super::super::Refused;
use super::bounds::{ANY, Text};
use super::members::Members;

/// [BOTO codedeploy:ApplicationName], and the names of deployment groups and configurations.
static NAME: Text = Text::chars(1, 100);

/// A name that must be given: `what` is its part in the names of the two errors.
fn required<'a>(members: &Members<'a>, member: &str, what: &str) -> Result<&'a str, Refused> {
    optional(members, member, what)?
        .ok_or_else(|| Refused::new(&format!("{what}RequiredException"), format!("{member} is required")))
}

fn optional<'a>(members: &Members<'a>, member: &str, what: &str) -> Result<Option<&'a str>, Refused> {
    let invalid = |refused: Refused| Refused::new(&format!("Invalid{what}Exception"), refused.message);
    members.text(member, &NAME).map_err(invalid)
}

/// The fleet lists everything at once, so there is no token that it could know.
fn one_page(members: &Members<'_>) -> Result<(), Refused> {
    match members.text("nextToken", &ANY)? {
        Some(_) => Err(Refused::new("InvalidNextTokenException", "nextToken was not handed out by this operation")),
        None => Ok(()),
    }
}
