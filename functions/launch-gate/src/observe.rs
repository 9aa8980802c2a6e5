//! Reads AWS for the decisions of a batch.
//!
//! It reads in rounds. In each round the core says what each look needs next, and one batched call serves all looks that
//! need the same.

mod activities;
mod answers;
mod deployments;
mod failed;
mod green;
mod group_hooks;
mod instance_states;
mod pages;
mod pings;
mod recall;
mod runs;
mod sweep;
mod waiting;

use lifecycle::Timestamp;
use lifecycle::next_reads::{Reads, next_reads};

pub(crate) use self::activities::read_activities;
pub(crate) use self::deployments::{DEPLOYMENTS_PER_CALL, get_deployments, judge_deployments};
pub(crate) use self::failed::log_failed_read;
pub(crate) use self::green::ask_green_launches_less;
pub(crate) use self::group_hooks::read_hooks;
pub(crate) use self::sweep::{Waiting, find_waiting};

use crate::context::Context;
use crate::look::Look;

/// Each round answers every read that was wanted. There are four kinds; each may be remembered first, and runs may be read
/// once more.
const ROUNDS: usize = 9;

/// Reads what the looks need to be decided.
pub(crate) async fn observe(looks: &mut [Look], now: Timestamp, context: &Context<'_>) {
    for look in looks.iter_mut() {
        recall::recall(look, context);
    }
    for _ in 0..ROUNDS {
        let wants: Vec<Reads> = looks.iter().map(|look| next_reads(&look.seen, &look.policy, now)).collect();
        if wants.iter().all(|reads| reads.none()) {
            break;
        }
        let answers = answers::read_all(looks, &wants, now, context).await;
        for (look, reads) in looks.iter_mut().zip(wants) {
            answers.add_to(look, reads, context.config);
            if reads.runs {
                recall::add_unlisted(look, context);
            }
        }
        runs::reopen_partial(looks, now);
        for look in looks.iter_mut() {
            recall::doubt_hooks(look, context);
        }
    }
    for look in looks.iter() {
        recall::note(look, context);
    }
}
