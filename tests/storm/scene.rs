//! The content of a run: a group, its policy, the stories of its launches, and the weather. It is plain data, so that a
//! failing scene can be made smaller.

use std::time::Duration;

use serde_json::{Value, json};

pub use crate::breaker::Breaker;
pub use crate::codedeploy::CodeDeploy;
pub use crate::green::Green;
pub use crate::launch::{Fate, Launch};
pub use crate::weather::Weather;

use crate::dice::Dice;
use crate::green::{ask_for_a_port, listen};
use crate::outage::Outage;
use crate::trials::try_out;

/// Everything that determines one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// What everything left to chance is drawn from.
    pub seed: u64,
    /// The hook's heartbeat time-out, in seconds.
    pub heartbeat: u64,
    /// The policy in the hook.
    pub policy: Value,
    /// Whether a hook that nobody answers holds the instances too, as one that CodeDeploy left behind.
    pub other_hook: bool,
    /// Whether `CodeDeploy` deploys to each launch, with a hook of its own.
    pub codedeploy: Option<CodeDeploy>,
    /// Whether the owner makes a blue/green deployment that copies the group.
    pub green: Option<Green>,
    /// Whether all are launched into a warm pool first.
    pub pool: Option<Pool>,
    /// What happens to the hook meanwhile.
    pub edit: Option<(u64, Edit)>,
    /// Whether the group has a breaker.
    pub breaker: Option<Breaker>,
    /// The launches, in order.
    pub launches: Vec<Launch>,
    /// What goes wrong.
    pub weather: Weather,
}

/// A warm pool, and when it is left, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// When all leave it.
    pub leaves: u64,
    /// Whether all are scaled in, back to the pool, and when they leave it for the second time.
    pub again: Option<u64>,
}

/// What happens to the hook in the middle of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Its policy changes.
    Policy(Value),
    /// It is added: the group had no hook of ours before.
    Added,
    /// It is removed.
    Removed,
}

impl Scene {
    /// The scene of a seed.
    #[must_use]
    pub fn drawn(seed: u64) -> Self {
        Self::plain(seed).worsened().copied().with_breaker()
    }

    /// The same before anything of [`Scene::worsened`] was drawn. Seeds that once broke a law stay what they were.
    #[must_use]
    pub fn plain(seed: u64) -> Self {
        let dice = &mut Dice::of(seed, "scene");
        let count = dice.one_of(&[1, 2, 5, 10, 20, 40], 5);
        let policy = policy(dice);
        let pool = dice.chance(0.25).then(|| Pool::drawn(dice));
        let launch = |number| Launch::drawn(number, pool.is_some(), dice);
        let mut launches: Vec<Launch> = (0..count).map(launch).collect();
        let codedeploy = codedeploy(seed, pool, &mut launches);
        let dice = &mut Dice::of(seed, "rest");
        let edit = dice.chance(0.1).then(|| (dice.number(10..=120), edit(dice)));
        Self {
            seed,
            heartbeat: dice.one_of(&[180, 240, 300, 600, 3600], 600),
            policy,
            other_hook: dice.chance(0.2),
            codedeploy,
            green: None,
            pool,
            edit,
            breaker: None,
            launches,
            weather: weather(pool, dice),
        }
    }

    /// The scene with what was learned since from AWS's documents and from real agents.
    fn worsened(mut self) -> Self {
        let dice = &mut Dice::of(self.seed, "worse");
        self.weather = self.weather.worsened(dice);
        for (number, launch) in self.launches.iter_mut().enumerate() {
            if self.pool.is_none() && dice.chance(0.2) {
                *launch = try_out(launch, number, dice);
            }
        }
        // What nobody could mend for half an hour is rightly given up, and so is one whose last look is a run that fails.
        if self.weather.outages.iter().any(Outage::is_long) {
            let needs_time = |launch: &&mut Launch| launch.needs_a_repair() || launch.fails_its_first_runs();
            self.launches.iter_mut().filter(needs_time).for_each(|launch| launch.fate = Fate::Any);
        }
        let held_by_another = self.other_hook || self.codedeploy.is_some();
        if self.edit.is_none() && dice.chance(0.2) {
            let edit = if held_by_another && dice.chance(0.5) { Edit::Added } else { Edit::Policy(observing()) };
            self.edit = Some((dice.number(10..=300), edit));
        }
        self.with_agent_last()
    }

    /// In a quarter of the scenes the policy says that the agent comes last, and the image has it off.
    fn with_agent_last(mut self) -> Self {
        let (dice, within) = (&mut Dice::of(self.seed, "last"), self.ready_within());
        if !dice.chance(0.25) {
            return self;
        }
        let edited = self.edit.as_mut().and_then(|(_, edit)| match edit {
            Edit::Policy(policy) => Some(policy),
            Edit::Added | Edit::Removed => None,
        });
        let edited_within = edited.as_ref().and_then(|policy| policy["ready_within"].as_u64());
        let within = edited_within.unwrap_or(within).min(within);
        for policy in std::iter::once(&mut self.policy).chain(edited) {
            policy["agent"] = json!("last");
            policy["checks"] = json!({"commands": ["java"], "packages": ["jdk"]});
        }
        self.launches.iter_mut().for_each(|launch| launch.with_agent_off(within, dice));
        if self.weather.outages.iter().any(Outage::is_long) {
            let waiting = |launch: &&mut Launch| matches!(launch.fate, Fate::Ready(_));
            self.launches.iter_mut().filter(waiting).for_each(|launch| launch.fate = Fate::Any);
        }
        self
    }

    /// The scene with a breaker, if its seed draws one. Nothing else happens to its group.
    fn with_breaker(mut self) -> Self {
        let is_free = !self.has_agent_last() && self.green.is_none();
        let breaker = is_free.then(|| Breaker::drawn(self.seed, self.pool.is_some(), &mut self.launches));
        let Some(breaker) = breaker.flatten() else { return self };
        breaker.add_to(&mut self.policy);
        Self { breaker: Some(breaker), pool: None, codedeploy: None, edit: None, other_hook: false, ..self }
    }

    /// Whether the agent comes last.
    pub(crate) fn has_agent_last(&self) -> bool {
        self.policy.get("agent").is_some_and(|agent| agent == "last")
    }

    /// The scene with a blue/green deployment, in some that have a deployment group.
    fn copied(mut self) -> Self {
        let mut dice = Dice::of(self.seed, "green");
        if self.codedeploy.is_none() || !dice.chance(0.4) {
            return self;
        }
        ask_for_a_port(&mut self.policy);
        self.launches.iter_mut().for_each(listen);
        let edited = self.edit.as_ref().map_or(0, |(at, _)| *at);
        let last = self.has_agent_last().then(|| self.ready_within());
        Self { green: Some(Green::drawn(&mut dice, edited, last)), ..self }
    }

    /// When the owner tells the gate to change nothing any more, in seconds since the start.
    pub(crate) fn observed_from(&self) -> Option<u64> {
        match &self.edit {
            Some((at, Edit::Policy(policy))) if policy.get("mode").is_some() => Some(*at),
            Some((_, Edit::Policy(_) | Edit::Added | Edit::Removed)) | None => None,
        }
    }

    /// When the group gets our hook, if it has none before.
    pub(crate) fn hooked_from(&self) -> Option<u64> {
        match &self.edit {
            Some((at, Edit::Added)) => Some(*at),
            Some((_, Edit::Policy(_) | Edit::Removed)) | None => None,
        }
    }

    /// Seconds that the policy gives an instance.
    #[must_use]
    pub fn ready_within(&self) -> u64 {
        self.policy.get("ready_within").and_then(Value::as_u64).unwrap_or(600)
    }

    /// How many launches there may be. A copy has at most as many as the group.
    pub(crate) fn count_launches(&self) -> u64 {
        self.launches.len() as u64 * if self.green.is_some() { 2 } else { 1 }
    }

    /// The stories as one file.
    #[must_use]
    pub fn stories(&self) -> String {
        let mut stories: Vec<&Launch> = self.launches.iter().collect();
        stories.sort_by_key(|launch| launch.at);
        let stories = self.green.iter().flat_map(|green| &green.launches).chain(stories);
        let told: String = stories.flat_map(|launch| ["[[launch]]\n", &launch.story, "\n"]).collect();
        if self.breaker.is_some() { told + &Breaker::replacements_story() } else { told }
    }
}

/// In a warm pool `CodeDeploy`'s hook does not work (aws-facts 2.5).
fn codedeploy(seed: u64, pool: Option<Pool>, launches: &mut [Launch]) -> Option<CodeDeploy> {
    let mut dice = Dice::of(seed, "codedeploy");
    if pool.is_some() || !dice.chance(0.5) {
        return None;
    }
    for launch in launches {
        launch.story.push('\n');
        launch.story.push_str(&CodeDeploy::of_launch(&mut dice));
    }
    Some(CodeDeploy::drawn(&mut dice))
}

/// An event of the first time that an instance left the pool may arrive in the course of the second.
fn weather(pool: Option<Pool>, dice: &mut Dice) -> Weather {
    let weather = Weather::drawn(dice);
    let between = pool.and_then(|pool| Some(pool.again? - pool.leaves));
    let very_late = between.map(|between| Duration::from_secs(between) + dice.millis(1_000..=60_000));
    Weather { very_late: very_late.unwrap_or(weather.very_late), ..weather }
}

fn policy(dice: &mut Dice) -> Value {
    json!({"ready_within": dice.one_of(&[600, 900, 1200], 900), "repair": true})
}

fn observing() -> Value {
    json!({"ready_within": 600, "mode": "observe"})
}

fn edit(dice: &mut Dice) -> Edit {
    if dice.chance(0.5) { Edit::Removed } else { Edit::Policy(policy(dice)) }
}

impl Pool {
    fn drawn(dice: &mut Dice) -> Self {
        let leaves = dice.number(120..=400);
        Self { leaves, again: dice.chance(0.8).then(|| leaves + dice.number(400..=900)) }
    }
}
