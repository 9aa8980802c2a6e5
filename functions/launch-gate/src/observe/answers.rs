//! One round of reads: the calls, side by side, and their answers, given to the looks that wanted them.

use std::collections::{BTreeMap, BTreeSet};

use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;
use lifecycle::next_reads::Reads;
use lifecycle::observation::{LifecycleState, Ping, Reading};
use lifecycle::run::Run;

use super::group_hooks::read_hooks;
use super::instance_states::read_states;
use super::pings::read_pings;
use super::runs::read_runs;
use crate::config::Config;
use crate::context::Context;
use crate::facts::{GroupInstance, ListedHooks};
use crate::look::Look;

/// The answers of one round.
pub(super) struct Answers {
    pings: BTreeMap<InstanceId, Reading<Ping>>,
    states: BTreeMap<InstanceId, Reading<Option<GroupInstance>>>,
    runs: BTreeMap<InstanceId, Reading<Vec<Run>>>,
    hooks: BTreeMap<String, Reading<ListedHooks>>,
}

/// Reads what each look wants.
pub(super) async fn read_all(looks: &[Look], wants: &[Reads], now: Timestamp, context: &Context<'_>) -> Answers {
    let asking = |wants_it: fn(&Reads) -> bool| {
        looks.iter().zip(wants).filter(move |(_, reads)| wants_it(reads)).map(|(look, _)| look)
    };
    let ids = |wants_it| asking(wants_it).map(|look| look.instance.clone()).collect::<BTreeSet<_>>();
    let groups = asking(|reads| reads.hooks).filter_map(|look| look.group.clone()).collect();
    let (pings, states, runs, hooks) = tokio::join!(
        read_pings(ids(|reads| reads.ping), context),
        read_states(ids(|reads| reads.lifecycle_state), context),
        read_runs(asking(|reads| reads.runs).collect(), now, context),
        read_hooks(groups, context),
    );
    Answers { pings, states, runs, hooks }
}

impl Answers {
    /// Adds to a look what it wanted.
    pub(super) fn add_to(&self, look: &mut Look, reads: Reads, config: &Config) {
        if reads.ping {
            look.seen.ping = find(&self.pings, &look.instance);
        }
        if reads.runs {
            look.seen.runs = find(&self.runs, &look.instance);
        }
        if reads.lifecycle_state {
            self.add_state_to(look);
        }
        if reads.hooks {
            self.add_hooks_to(look, config);
        }
    }

    fn add_state_to(&self, look: &mut Look) {
        look.seen.lifecycle_state = find(&self.states, &look.instance).map(|found| match found {
            Some(found) => {
                look.group.get_or_insert(found.group);
                found.state
            }
            None => LifecycleState::Absent,
        });
    }

    /// The policy is the hook's. The copy in a launch message counts only until the hook has been read.
    fn add_hooks_to(&self, look: &mut Look, config: &Config) {
        let listed = look.group.as_ref().map_or(Reading::Failed, |group| find(&self.hooks, group));
        if let Some(listed) = listed.known().filter(|listed| listed.hooks.ours.is_some()) {
            (look.policy, look.policy_warning) = config.policy_of(listed.metadata.as_deref());
        }
        look.seen.hooks = listed.map(|listed| listed.hooks);
    }
}

/// The answer for this key. A batched call that failed has left none.
fn find<K: Ord, T: Clone>(answers: &BTreeMap<K, Reading<T>>, key: &K) -> Reading<T> {
    answers.get(key).cloned().unwrap_or(Reading::Failed)
}
