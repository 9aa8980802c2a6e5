//! What AWS says about the instances of a batch. Reads are made in rounds: the core says what each look needs next, and
//! one batched call serves all looks that need the same.

mod activities;
mod hooks;
mod look_back;
mod pings;
mod presences;
mod runs;
mod sweep;

use std::collections::{BTreeMap, BTreeSet};

use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;
use lifecycle::observation::{Hook, Ping, Presence, Reading, Run};
use lifecycle::reads::{Reads, wanted};
use tracing::error;

pub(crate) use activities::Activity;
use activities::activities;
pub(crate) use look_back::look_back;
pub(crate) use sweep::sweep;

use crate::error::CallError;
use crate::handler::Invocation;
use crate::inbox::policy;
use crate::look::{Found, Look};

/// Reads whatever the looks need to be decided.
pub(crate) async fn observe(looks: &mut [Look], now: Timestamp, invocation: &Invocation<'_>) {
    // Each round answers all that was wanted, and there are four kinds of read.
    for _ in 0..4 {
        let wants: Vec<Reads> = looks.iter().map(|look| wanted(&look.seen, &look.policy, now)).collect();
        if wants.iter().all(|reads| reads.none()) {
            return;
        }
        glance(looks, &wants);
        let answers = read(looks, &wants, now, invocation).await;
        for (look, reads) in looks.iter_mut().zip(wants) {
            answers.tell(look, reads, invocation);
        }
    }
}

/// Where many runs have ended, one read of each of their commands shows more of them than one read of each instance.
fn glance(looks: &mut [Look], wants: &[Reads]) {
    let ended = |(look, reads): &(&mut Look, &Reads)| reads.runs && look.hint.is_some() && !look.has_launch_message();
    let ended: Vec<_> = looks.iter_mut().zip(wants).filter(ended).collect();
    if ended.len() > runs::FEW {
        for (look, _) in ended {
            look.seen.glance = true;
        }
    }
}

/// What one round of reads brought.
struct Answers {
    pings: BTreeMap<InstanceId, Reading<Ping>>,
    presences: BTreeMap<InstanceId, Reading<Option<Found>>>,
    runs: BTreeMap<InstanceId, Reading<Vec<Run>>>,
    hooks: BTreeMap<String, Reading<GroupHooks>>,
}

/// The hooks of a group that say something to us.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupHooks {
    ours: Option<OurHook>,
    /// The names of those that `CodeDeploy` put there, and may have left there.
    of_codedeploy: Vec<String>,
}

/// Our hook on a group, with the policy that its metadata carries.
#[derive(Clone, Debug)]
pub(crate) struct OurHook {
    timing: Hook,
    metadata: Option<String>,
}

async fn read(looks: &[Look], wants: &[Reads], now: Timestamp, invocation: &Invocation<'_>) -> Answers {
    let asking = |wants_it: fn(&Reads) -> bool| {
        looks.iter().zip(wants).filter(move |(_, reads)| wants_it(reads)).map(|(look, _)| look)
    };
    let ids = |wants_it| asking(wants_it).map(|look| look.instance.clone()).collect::<BTreeSet<_>>();
    let groups = asking(|reads| reads.hook).filter_map(|look| look.group.clone()).collect();
    let (pings, presences, runs, hooks) = tokio::join!(
        pings::pings(ids(|reads| reads.ping), invocation),
        presences::presences(ids(|reads| reads.presence), invocation),
        runs::runs(asking(|reads| reads.runs).collect(), now, invocation),
        hooks::hooks(groups, invocation),
    );
    Answers { pings, presences, runs, hooks }
}

impl Answers {
    fn tell(&self, look: &mut Look, reads: Reads, invocation: &Invocation<'_>) {
        if reads.ping {
            look.seen.ping = answer(&self.pings, &look.instance);
        }
        if reads.runs {
            look.seen.runs = answer(&self.runs, &look.instance);
        }
        if reads.presence {
            self.tell_presence(look);
        }
        if reads.hook {
            self.tell_hook(look, invocation);
        }
    }

    fn tell_presence(&self, look: &mut Look) {
        look.seen.presence = match answer(&self.presences, &look.instance) {
            Reading::Known(Some(found)) => {
                look.group.get_or_insert(found.group);
                Reading::Known(found.presence)
            }
            Reading::Known(None) => Reading::Known(Presence::Absent),
            Reading::Failed | Reading::Unread => Reading::Failed,
        };
    }

    /// The message of a launch carries the policy; any other look takes it from the hook.
    fn tell_hook(&self, look: &mut Look, invocation: &Invocation<'_>) {
        let hook = look.group.as_ref().map_or(Reading::Failed, |group| answer(&self.hooks, group));
        let hook = match hook {
            Reading::Known(hooks) => {
                look.seen.shared = !hooks.of_codedeploy.is_empty();
                look.codedeploy_hooks = Some(hooks.of_codedeploy);
                Reading::Known(hooks.ours)
            }
            Reading::Failed | Reading::Unread => Reading::Failed,
        };
        if let (Reading::Known(Some(hook)), false) = (&hook, look.has_launch_message()) {
            let (policy, warning) = policy(hook.metadata.as_deref(), invocation.config);
            look.policy = policy;
            look.warnings.extend(warning);
        }
        look.seen.hook = match hook {
            Reading::Known(hook) => Reading::Known(hook.map(|hook| hook.timing)),
            Reading::Failed | Reading::Unread => Reading::Failed,
        };
    }
}

/// A batched call that failed has no entry for its instances.
fn answer<K: Ord, T: Clone>(answers: &BTreeMap<K, Reading<T>>, key: &K) -> Reading<T> {
    answers.get(key).cloned().unwrap_or(Reading::Failed)
}

/// Tells of a read that failed. The looks that needed it decide nothing.
fn unreadable(error: &CallError) {
    error!(%error, "AWS could not be read; the looks that need this wait for the next tick");
}
