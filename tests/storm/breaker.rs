//! Groups with a breaker. In some everything fails from some moment on, and the group replaces what fails.

use serde_json::{Value, json};

use crate::dice::Dice;
use crate::launch::{Fate, Launch};

/// When the bad launches of a group begin, in seconds.
const TURNS_BAD: u64 = 300;
/// The title of what replaces a bad launch. It is no launch of the scene.
const REPLACEMENT: &str = "[default]\nstory = \"replacement: bad\"\n";

/// The breaker of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// How many launches must fail.
    pub failures: usize,
    /// Whether it suspends Launch.
    pub suspends: bool,
    /// How many failed launches the group replaces, all by bad ones.
    pub replacements: u32,
    /// How many launches EC2 refuses at first.
    pub refused: u32,
}

impl Breaker {
    /// A breaker, in a third of the seeds. In some of these, and wherever there would be a pool, other launches take the
    /// place of these `launches`: they turn bad, and the group replaces them.
    pub(crate) fn drawn(seed: u64, pool: bool, launches: &mut Vec<Launch>) -> Option<Self> {
        let mut dice = Dice::of(seed, "breaker");
        let dice = &mut dice;
        if !dice.chance(0.3) {
            return None;
        }
        let (failures, suspends) = (dice.one_of(&[1, 2, 3, 3, 5], 3), dice.chance(0.85));
        let refused = dice.one_of(&[0, 0, 3, 8], 0);
        let mut breaker = Self { failures, suspends, replacements: 0, refused };
        if dice.chance(0.4) || pool {
            *launches = turning_bad(dice);
            breaker.replacements = 2 * u32::try_from(launches.len() + failures).unwrap_or(0) + 8;
        }
        Some(breaker)
    }

    /// Adds the policy's key.
    pub(crate) fn add_to(self, policy: &mut Value) {
        let action = if self.suspends { "suspend" } else { "alarm" };
        if let Some(policy) = policy.as_object_mut() {
            let breaker = json!({"failures": self.failures, "within": 86_400, "action": action});
            policy.insert("breaker".to_owned(), breaker);
        }
    }

    /// What comes after the stories of the launches.
    pub(crate) fn replacements_story() -> String {
        format!("{REPLACEMENT}{BAD}")
    }
}

/// Fails as soon as its boot has ended.
const BAD: &str = "registers = 5\nboots = 12\nrun_takes = 1\nuser_data = \"fails\"\nagent = [[0, \"missing\"]]\n";

/// Some good launches, and then bad ones.
fn turning_bad(dice: &mut Dice) -> Vec<Launch> {
    let good = dice.number(0..=3);
    let bad = dice.one_of(&[1, 1, 2, 4, 8], 1);
    let good_one = |number| Launch {
        at: 0,
        story: format!("story = \"{number}. good\"\nregisters = 5\nboots = 20\nrun_takes = 1\n"),
        fate: Fate::Ready(70),
    };
    let bad_one =
        |number| Launch { at: TURNS_BAD, story: format!("story = \"{number}. bad\"\n{BAD}"), fate: Fate::Hopeless };
    (0..good).map(good_one).chain((good..good + bad).map(bad_one)).collect()
}
