//! Faults that a test or a storm switches on: throttling, failing calls, lost answers, slow answers.

use std::time::Duration;

use lifecycle::Timestamp;

use super::Fleet;
use super::refused::Refused;

/// One fault. `call` is an operation (`SendCommand`), a service (`ssm`) or `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A token bucket of `burst` calls, refilled at `per_second`; Auto Scaling has one for all its operations
    /// (aws-facts 2.4).
    Throttle {
        /// Which calls share the bucket.
        call: String,
        /// How many calls it holds.
        burst: u32,
        /// How many come back each second.
        per_second: u32,
    },
    /// The next `times` calls are refused with `code`.
    Fail {
        /// Which calls.
        call: String,
        /// How many.
        times: u32,
        /// With what, e.g. `InternalServerError`.
        code: String,
    },
    /// Calls are refused with `code` for a time. It stands until [`Faults::clear`], and refuses nothing after its end.
    Away {
        /// Which calls.
        call: String,
        /// The first moment.
        from: Timestamp,
        /// The moment from which calls are carried out again.
        to: Timestamp,
        /// With what, e.g. `ServiceUnavailable`.
        code: String,
    },
    /// The next `times` calls are carried out, and their answers are lost: the caller sees `InternalFailure`.
    LoseAnswer {
        /// Which calls.
        call: String,
        /// How many.
        times: u32,
    },
    /// Calls are answered this much later.
    Slow {
        /// Which calls.
        call: String,
        /// How much later.
        by: Duration,
    },
}

impl Fault {
    fn meets(&self, service: &str, operation: &str) -> bool {
        let (Self::Throttle { call, .. }
        | Self::Fail { call, .. }
        | Self::Away { call, .. }
        | Self::LoseAnswer { call, .. }
        | Self::Slow { call, .. }) = self;
        call == "*" || call == service || call == operation
    }
}

/// Everything that goes wrong now.
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<(Fault, Option<Bucket>)>);

#[derive(Clone, Debug)]
struct Bucket {
    /// Thousandths of a call.
    left: u64,
    filled: Timestamp,
}

/// What a call meets before and after it is carried out.
#[derive(Default)]
pub(crate) struct Met {
    pub(crate) throttled: bool,
    pub(crate) fails: Option<Refused>,
    pub(crate) answer_lost: bool,
    pub(crate) delay: Duration,
}

impl Met {
    fn refuse(&mut self, refuses: bool, code: &str) {
        if refuses {
            self.fails = Some(Refused::new(code, "injected by the fleet"));
        }
    }
}

impl Faults {
    /// Adds one.
    pub fn add(&mut self, fault: Fault) {
        self.0.push((fault, None));
    }

    /// From now on nothing goes wrong.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn meet(&mut self, now: Timestamp, service: &str, operation: &str) -> Met {
        let mut met = Met::default();
        for (fault, bucket) in self.0.iter_mut().filter(|(fault, _)| fault.meets(service, operation)) {
            match fault {
                Fault::Throttle { burst, per_second, .. } => met.throttled |= !take(bucket, now, *burst, *per_second),
                Fault::Fail { times, code, .. } => met.refuse(use_up(times), code),
                Fault::Away { from, to, code, .. } => met.refuse(*from <= now && now < *to, code),
                Fault::LoseAnswer { times, .. } => met.answer_lost |= use_up(times),
                Fault::Slow { by, .. } => met.delay += *by,
            }
        }
        met
    }
}

fn use_up(times: &mut u32) -> bool {
    let some = *times > 0;
    *times = times.saturating_sub(1);
    some
}

fn take(bucket: &mut Option<Bucket>, now: Timestamp, burst: u32, per_second: u32) -> bool {
    let full = u64::from(burst) * 1000;
    let bucket = bucket.get_or_insert(Bucket { left: full, filled: now });
    let elapsed = u64::try_from(now.since(bucket.filled).as_millis()).unwrap_or(u64::MAX);
    bucket.left = full.min(bucket.left.saturating_add(elapsed.saturating_mul(u64::from(per_second))));
    bucket.filled = bucket.filled.max(now);
    let enough = bucket.left >= 1000;
    if enough {
        bucket.left -= 1000;
    }
    enough
}

impl Fleet {
    pub(crate) fn meet_faults(&mut self, now: Timestamp, service: &str, operation: &str) -> Met {
        self.faults.meet(now, service, operation)
    }
}
