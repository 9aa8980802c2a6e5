//! Launches on which the SSM Agent, Distributor or the machine itself fails (aws-facts 17).

use crate::dice::Dice;
use crate::launch::{Fate, Launch};

/// The keys of a story, its name, and what must become of it.
type Trial = (&'static str, String, Fate);

/// A launch like this one, which one of these things happens to.
pub(crate) fn try_out(launch: &Launch, number: usize, dice: &mut Dice) -> Launch {
    let (name, keys, fate) = drawn(dice);
    let (registers, boots, run) = (dice.number(3..=50), dice.number(5..=60), dice.number(1..=4));
    let deployment = launch.story.lines().find(|line| line.starts_with("deployment"));
    let common = format!("registers = {registers}\nboots = {boots}\nrun_takes = {run}");
    let story = format!("story = \"{number}. {name}\"\n{common}\n{keys}\n{}\n", deployment.unwrap_or_default());
    Launch { at: launch.at, story, fate }
}

fn drawn(dice: &mut Dice) -> Trial {
    let soon = dice.number(20..=120);
    let stopped = "agent = [[0, \"stopped\"]]";
    let missing = "agent = [[0, \"missing\"]]";
    match dice.number(0..=9) {
        0 => ("stuck run", "ssm = { stuck_runs = [1] }".to_owned(), Fate::Ready(60)),
        1 => ("two stuck runs", "ssm = { stuck_runs = [1, 2] }".to_owned(), Fate::Ready(60)),
        2 => ("stuck repair", format!("{stopped}\nssm = {{ stuck_repairs = [1] }}"), Fate::Ready(180)),
        3 => ("killed runs", "ssm = { failed_runs = [1, 2] }".to_owned(), Fate::Ready(60)),
        4 => ("killed repair", format!("{stopped}\nssm = {{ failed_repairs = [1] }}"), Fate::Ready(180)),
        5 => ("busy agent", format!("ssm = {{ busy = [0, {soon}] }}"), Fate::Ready(soon + 60)),
        6 => ("reboots", format!("ssm = {{ reboots = {soon} }}"), Fate::Ready(soon + 90)),
        7 => ("full disk", format!("ssm = {{ disk_full = [[0, true], [{soon}, false]] }}"), Fate::Ready(soon + 60)),
        8 => ("endless Distributor", format!("{missing}\ndistributor = \"hangs\""), Fate::Ready(180)),
        _ => ("no way", format!("{missing}\nregion = false\ndistributor = \"hangs\""), Fate::Hopeless),
    }
}
