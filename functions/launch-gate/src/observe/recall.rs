//! What this process remembers, given to a look before AWS is read.

use std::collections::BTreeMap;
use std::time::Duration;

use lifecycle::identity::InstanceId;
use lifecycle::observation::{LifecycleState, Ping, Reading};
use lifecycle::run::Run;
use lifecycle::timing::is_late;

use crate::context::Context;
use crate::look::Look;
use crate::memory::{BELIEVED_FOR, HOOKS_FOR, TIMEOUTS_FOR};

/// So long before the deadline each look reads the runs.
const HURRIES_FOR: Duration = Duration::from_mins(3);

/// For so long it is believed that an instance waits, if its launch message comes back although it is ready: another
/// process may have completed the action meanwhile. Less than the tick, and longer than one invocation.
const DOUBTED_AFTER: Duration = Duration::from_secs(20);

/// Gives the look what is remembered of its instance and group.
pub(super) fn recall(look: &mut Look, context: &Context<'_>) {
    // A nudge of a launch that this process does not know needs the group too.
    if look.group.is_none() {
        return;
    }
    let (known, now) = (context.memory.instances.recall(&look.instance), context.now());
    recall_hooks(look, if known.is_silent() { TIMEOUTS_FOR } else { HOOKS_FOR }, context);
    if look.seen.lifecycle_state.unread() {
        // A read tells for 50 instances at once, a completion in vain costs a call each.
        let doubted = known.ready.is_some() && look.has_launch_message();
        let span = if doubted { DOUBTED_AFTER } else { BELIEVED_FOR };
        let believed = known.waits.filter(|(seen, _)| now.since(*seen) < span);
        look.seen.lifecycle_state = recalled(believed.map(|(_, destination)| LifecycleState::Waiting(destination)));
    }
    if look.seen.ping.unread() {
        look.seen.ping = recalled(known.heard.map(|at| Ping::Heard { online: true, at }));
    }
    if look.seen.runs.unread() {
        // Without events of SSM the end of a run is found only by reading. An event that is lost costs a tick, and shortly
        // before the deadline that may be the time for a repair.
        let hurries = is_late(&look.seen, &look.policy, now + HURRIES_FOR);
        let believed = known.running.filter(|(seen, _)| known.is_told && !hurries && now.since(*seen) < BELIEVED_FOR);
        look.seen.runs = recalled(known.ready.or(believed.map(|(_, run)| run)).map(|run| vec![run]));
        // After the deadline all runs count.
        let late = is_late(&look.seen, &look.policy, now);
        look.command = look.command.take().or(known.command).filter(|_| !late);
    }
}

/// Gives the look the hooks of its group and the policy in them, if they were read less than `span` ago.
fn recall_hooks(look: &mut Look, span: Duration, context: &Context<'_>) {
    let Some(group) = look.group.as_ref().filter(|_| look.seen.hooks.unread()) else { return };
    if let Some(listed) = context.memory.groups.recall_hooks(group, span, context.now()) {
        (look.policy, look.policy_warning) = context.config.policy_of(listed.metadata.as_deref());
        look.seen.hooks = Reading::Remembered(listed.hooks);
    }
}

/// If the hooks were remembered for a silent instance, and SSM has heard from it by now or it has a run, they must be of
/// this minute: remembered anew, or else read afresh.
pub(super) fn doubt_hooks(look: &mut Look, context: &Context<'_>) {
    let heard = matches!(look.seen.ping.known(), Some(Ping::Heard { .. }));
    let speaks = heard || look.seen.runs.known().is_some_and(|runs| !runs.is_empty());
    if speaks && look.seen.hooks.remembered() {
        look.seen.hooks = Reading::Unread;
        recall_hooks(look, HOOKS_FOR, context);
    }
}

/// Adds the run that this process has sent last to the runs that were listed, if they do not show it yet. Else the look
/// would send another, or a second repair.
pub(super) fn add_unlisted(look: &mut Look, context: &Context<'_>) {
    let (Reading::Known(runs) | Reading::Partial(runs)) = &mut look.seen.runs else { return };
    let sent = context.memory.instances.read(&look.instance, |known| known.sent_lately(context.now()).cloned());
    if let Some(sent) = sent.filter(|sent| !runs.iter().any(|run| run.command == sent.command)) {
        runs.insert(0, sent);
    }
}

/// Notes what was read of the look's instance.
pub(super) fn note(look: &Look, context: &Context<'_>) {
    let (seen, now) = (&look.seen, context.now());
    if seen.began().is_none() && seen.waits_for().is_none() {
        return;
    }
    context.memory.instances.note(&look.instance, |known| {
        if let Reading::Known(state) = &seen.lifecycle_state {
            known.waits = seen.waits_for().map(|destination| (now, destination));
            known.is_new &= matches!(state, LifecycleState::Waiting(_) | LifecycleState::Before);
        }
        if let Reading::Known(ping) = seen.ping {
            known.heard = match ping {
                Ping::Heard { online: true, at } => Some(at),
                Ping::Heard { .. } | Ping::Never => None,
            };
        }
        if let Reading::Known(_) | Reading::Partial(_) = seen.runs {
            let runs: Vec<&Run> = seen.own_runs().collect();
            // A list without the run that was just sent is behind. Nothing of it is remembered: the next look reads all runs.
            if known.sent.as_ref().is_some_and(|sent| runs.first() == Some(&sent)) {
                (known.ready, known.running, known.command) = (None, None, None);
            } else {
                known.note_runs(&runs, now);
            }
        }
    });
}

/// Notes the runs of all instances that a listing has shown, not only of those that were asked for: the launches of the next
/// batch need not list them again.
pub(super) fn note_listed(runs: &BTreeMap<InstanceId, Vec<Run>>, context: &Context<'_>) {
    for (instance, runs) in runs {
        context.memory.instances.note_listed(instance, runs, context.now());
    }
}

fn recalled<T>(answer: Option<T>) -> Reading<T> {
    answer.map_or(Reading::Unread, Reading::Remembered)
}
