//! Describes a blue/green deployment in a run.

use launchgate_tests::fleet::CopiesHooks;
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::launch::{Fate, Launch};

/// The deployment group whose deployment copies the group.
pub(crate) const DEPLOYMENT_GROUP: &str = "prod";
/// What a blue instance listens on from its start, and a green one only with its revision.
const PORT: u16 = 8080;

/// The owner begins a blue/green deployment that copies the group. What AWS does not document is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Green {
    /// When, in seconds.
    pub at: u64,
    /// Whether hooks are copied, and when.
    pub copies_hooks: CopiesHooks,
    /// The launches of the green group: what their instances go through, in order. The last one's story is for the rest.
    pub launches: Vec<Launch>,
}

impl Green {
    /// Begins after the hook has changed for the last time, so that the copy says the same. If the agent comes `last`, within
    /// so many seconds, the image of a gated copy has it off.
    pub(crate) fn drawn(dice: &mut Dice, edited: u64, last: Option<u64>) -> Self {
        let at = dice.number(200..=500).max(edited + 1);
        let ways =
            [CopiesHooks::WithTheGroup, CopiesHooks::WithTheGroup, CopiesHooks::Never, CopiesHooks::WithItsOwnHook];
        let copies_hooks = dice.one_of(&ways, CopiesHooks::WithTheGroup);
        let healthy = launch("green", 40, &format!("boots = {}", dice.number(5..=60)), Fate::Ready(120));
        let hopeless = launch("green without a role", 1, "agent = [[0, \"no-credentials\"]]", Fate::Hopeless);
        let mut launches = if dice.chance(0.5) { vec![hopeless, healthy] } else { vec![healthy] };
        if let Some(within) = last.filter(|_| copies_hooks == CopiesHooks::WithTheGroup) {
            for launch in &mut launches {
                launch.with_agent_off(within, dice);
            }
        }
        Self { at, copies_hooks, launches }
    }
}

fn launch(title: &str, count: u32, keys: &str, fate: Fate) -> Launch {
    let group = format!("group = \"CodeDeploy_{DEPLOYMENT_GROUP}\"");
    let story = format!("story = \"{title}\"\n{group}\ncount = {count}\nregisters = 10\n{keys}\n");
    Launch { at: 0, story, fate }
}

/// The policy with a port that only a revision opens.
pub(crate) fn ask_for_a_port(policy: &mut Value) {
    if let Some(policy) = policy.as_object_mut() {
        policy.insert("checks".to_owned(), json!({"ports": [PORT]}));
    }
}

/// A blue instance has the revision.
pub(crate) fn listen(launch: &mut Launch) {
    launch.story = format!("{}\nports = {{ {PORT} = 0 }}\n", launch.story);
}
