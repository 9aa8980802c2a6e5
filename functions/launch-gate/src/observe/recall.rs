//! What this process remembers, given to a look before AWS is read.

use lifecycle::history::History;
use lifecycle::observation::{LifecycleState, Ping, Reading};

use crate::context::Context;
use crate::look::Look;
use crate::memory::{BELIEVED_FOR, HOOKS_FOR, TIMEOUTS_FOR};

/// Gives the look what is remembered of its instance and group.
pub(super) fn recall(look: &mut Look, context: &Context<'_>) {
    // A nudge of a launch that this process does not know needs the group too.
    let Some(group) = &look.group else { return };
    let (known, now) = (context.memory.instances.recall(&look.instance), context.now());
    if look.seen.lifecycle_state.unread() {
        let believed = known.waits.filter(|(seen, _)| now.since(*seen) < BELIEVED_FOR);
        look.seen.lifecycle_state = recalled(believed.map(|(_, destination)| LifecycleState::Waiting(destination)));
    }
    if look.seen.ping.unread() {
        look.seen.ping = recalled(known.heard.map(|at| Ping::Heard { online: true, at }));
    }
    if look.seen.runs.unread() {
        // Without events of SSM the end of a run is found only by reading.
        let believed = known.running.filter(|(seen, _)| known.is_told && now.since(*seen) < BELIEVED_FOR);
        look.seen.runs = recalled(known.ready.or(believed.map(|(_, run)| run)).map(|run| vec![run]));
    }
    let span = if known.heard.is_some() { HOOKS_FOR } else { TIMEOUTS_FOR };
    let hooks = context.memory.groups.recall_hooks(group, span, now);
    if let Some(listed) = hooks.filter(|_| look.seen.hooks.unread()) {
        (look.policy, look.policy_warning) = context.config.policy_of(listed.metadata.as_deref());
        look.seen.hooks = Reading::Remembered(listed.hooks);
    }
}

/// Lets the hooks be read afresh if they were remembered for a silent instance, and SSM has heard from it by now.
pub(super) fn doubt_hooks(look: &mut Look, context: &Context<'_>) {
    let heard = matches!(look.seen.ping.known(), Some(Ping::Heard { .. }));
    let Some(group) = look.group.as_ref().filter(|_| heard && look.seen.hooks.remembered()) else { return };
    if context.memory.groups.recall_hooks(group, HOOKS_FOR, context.now()).is_none() {
        look.seen.hooks = Reading::Unread;
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
        if let Reading::Known(runs) | Reading::Partial(runs) = &seen.runs {
            known.ready =
                History::of(seen, now).last_report().filter(|(_, _, report)| report.ready).map(|(run, ..)| run.clone());
            let newest = runs.first().filter(|run| run.is_awaited());
            known.running = newest.map(|run| (now, run.clone()));
            known.is_new &= runs.is_empty();
        }
    });
}

fn recalled<T>(answer: Option<T>) -> Reading<T> {
    answer.map_or(Reading::Unread, Reading::Remembered)
}
