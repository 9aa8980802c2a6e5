//! Shows the breakers that tripped: what the function's line says, and the command that resumes the group.

use launchgate_tests::fleet::story::Story;
use launchgate_tests::play::Play;
use serde_json::Value;

/// Whether the instance of this story is one of a group that replaces them.
pub(crate) fn of_replacing(play: &Play, story: &Story) -> bool {
    let group = story.group.as_ref().and_then(|group| play.groups.get(group));
    group.is_some_and(|group| group.replaces)
}

/// Prints them.
pub(crate) fn tell(play: &Play) {
    for (group, line) in &play.breakers {
        let number = |name: &str| line.get(name).and_then(Value::as_u64).unwrap_or_default();
        let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
        let reasons = line.get("reasons").cloned().unwrap_or_default();
        println!(
            "\nthe breaker of {group}: {} after {} failures, {} in a row, because of {reasons}",
            text("action"),
            number("failures"),
            number("in_a_row")
        );
        println!("  {}\n  {}", text("meanwhile"), text("what_to_do"));
    }
}
