//! One launch of a scene: when it is, what its instance goes through, and what must become of it.

use crate::dice::Dice;

/// One launch.
#[derive(Clone, Debug, PartialEq)]
pub struct Launch {
    /// When, in seconds.
    pub at: u64,
    /// What the instance goes through, as a story file has it.
    pub story: String,
    /// What must become of it.
    pub fate: Fate,
}

/// What must become of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It becomes ready this many seconds after its launch and stays so: it must live.
    Ready(u64),
    /// It never becomes ready: it must not enter service.
    Hopeless,
    /// It dies, or falls silent: either may come of it.
    Any,
}

impl Launch {
    pub(crate) fn drawn(number: u64, pool: bool, dice: &mut Dice) -> Self {
        let at = if pool { 0 } else { dice.one_of(&[0, 0, 0, 5, 30], 0) };
        let kind = if pool { 0 } else { dice.number(0..=15) };
        let (name, keys, fate) = kind_of(kind, dice);
        let registers = dice.number(3..=50);
        let run = dice.number(1..=4);
        let register = if keys.contains("registers") { String::new() } else { format!("registers = {registers}\n") };
        let story = format!("story = \"{number}. {name}\"\n{register}run_takes = {run}\n{keys}");
        Self { at, story, fate }
    }

    /// Whether it becomes ready only if somebody mends it.
    pub(crate) fn needs_a_repair(&self) -> bool {
        ["missing", "stopped"].iter().any(|state| self.story.contains(&format!("agent = [[0, \"{state}\"]]")))
    }

    /// The same, on an image whose agent is off or not installed, and that gets Java after `java` seconds, or never the
    /// package of a JDK. A run that SSM calls in progress for 320 s may leave no time `within` which to mend packages, start
    /// the agent and prove each, every step a tick later where events are lost.
    pub(crate) fn with_agent_off(&mut self, within: u64, dice: &mut Dice) {
        let state = if dice.chance(0.5) { "stopped" } else { "missing" };
        let java = dice.number(0..=80);
        let role = if self.story.contains("no-credentials") { "credentials = \"missing\"\n" } else { "" };
        let packages = if dice.chance(0.7) { "packages = { jdk = 0 }\n" } else { "" };
        let kept = self.story.lines().filter(|line| !line.starts_with("agent = "));
        let kept: Vec<&str> = kept.collect();
        let off = format!("agent = [[0, \"{state}\"]]\ncommands = {{ java = {java} }}\n{packages}{role}");
        self.story = format!("{}\n{off}", kept.join("\n"));
        let stuck = |runs: &str| self.story.contains(&format!("stuck_runs = {runs}"));
        let needed = if stuck("[1, 2]") {
            1200
        } else if stuck("[1]") {
            900
        } else {
            0
        };
        let has_time = within >= needed;
        if let Fate::Ready(after) = self.fate {
            self.fate = if has_time { Fate::Ready(after.max(java) + 90) } else { Fate::Any };
        }
    }

    /// Whether SSM never tells a report of its first runs.
    pub(crate) fn fails_its_first_runs(&self) -> bool {
        ["stuck_runs", "failed_runs"].iter().any(|key| self.story.contains(key))
    }

    /// The title of its story.
    #[must_use]
    pub fn title(&self) -> &str {
        self.story.split('"').nth(1).unwrap_or_default()
    }
}

/// A name, the keys of its story, and what must become of it.
fn kind_of(kind: u64, dice: &mut Dice) -> (&'static str, String, Fate) {
    let soon = dice.number(5..=90);
    match kind {
        5 => {
            let agent = format!("boots = {}\nagent = [[0, \"missing\"], [{soon}, \"polling\"]]", soon + 2);
            ("late agent", agent, Fate::Ready(soon + 60))
        }
        6 => ("package lock", format!("package_lock = [0, {soon}]"), Fate::Ready(soon + 60)),
        7 => {
            let agent = format!("agent = [[0, \"missing\"], [10, \"restarting\"], [{}, \"polling\"]]", soon + 10);
            ("crash loop", agent, Fate::Ready(soon + 70))
        }
        8 => ("mendable", "agent = [[0, \"stopped\"]]".to_owned(), Fate::Ready(120)),
        9 => ("silent", "registers = \"never\"".to_owned(), Fate::Hopeless),
        10 => ("beyond repair", "agent = [[0, \"missing\"]]\nrepair = \"fails\"".to_owned(), Fate::Hopeless),
        11 => ("no role", "agent = [[0, \"no-credentials\"]]".to_owned(), Fate::Hopeless),
        12 => ("bad user data", "user_data = \"fails\"".to_owned(), Fate::Hopeless),
        13 => ("hangs", "hangs = true".to_owned(), Fate::Hopeless),
        14 => ("dies", format!("dies = {soon}"), Fate::Any),
        15 => ("falls silent", format!("silent_from = {soon}"), Fate::Any),
        _ => ("healthy", format!("boots = {soon}"), Fate::Ready(soon + 50)),
    }
}
