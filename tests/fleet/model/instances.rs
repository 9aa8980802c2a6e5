//! An instance: how far its story is, and what Systems Manager knows about it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lifecycle::Timestamp;
use serde_json::Value;

use super::super::host::{AgentState, Host};
use super::super::repair::Mends;
use super::super::story::Story;
use super::actions::Action;
use super::states::LifecycleState;

/// The SSM agent's health ping runs every five minutes (aws-facts 6.1).
const PING_EVERY_MILLIS: i64 = 300_000;

pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) zone: String,
    pub(crate) state: LifecycleState,
    pub(crate) healthy: bool,
    /// The place in the order of launches.
    pub(crate) order: u64,
    /// When the SSM agent registered first.
    pub(crate) registered: Option<Timestamp>,
    pub(super) story: Arc<Story>,
    pub(super) actions: Vec<Action>,
    /// The scaling activity that it is the subject of.
    pub(super) activity: Option<u64>,
    pub(super) dead: bool,
    running: Running,
    /// When the agent began to ping since the last start.
    pings_since: Option<Timestamp>,
    /// What the last ping was before that.
    last_ping_before: Option<Timestamp>,
    /// How many readiness runs have begun.
    probes: usize,
    /// How many repairs have begun.
    repairs: usize,
    /// What they have mended, by the story's time.
    pub(super) mended: Vec<(Duration, Mends)>,
    /// The revision that each deployment group, by id, has brought here.
    pub(super) revisions: BTreeMap<String, Value>,
}

/// The story's time passes only while the instance runs.
struct Running {
    /// The moment of the last start; `None` while stopped.
    since: Option<Timestamp>,
    /// How long it ran before.
    before: Duration,
    /// Counts the starts.
    session: u32,
}

impl Instance {
    pub(super) fn launched(
        id: String,
        group: String,
        zone: String,
        state: LifecycleState,
        story: Arc<Story>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            group,
            zone,
            state,
            healthy: true,
            order: 0,
            registered: None,
            story,
            actions: Vec::new(),
            activity: None,
            dead: false,
            running: Running { since: Some(now), before: Duration::ZERO, session: 1 },
            pings_since: None,
            last_ping_before: None,
            probes: 0,
            repairs: 0,
            mended: Vec::new(),
            revisions: BTreeMap::new(),
        }
    }

    pub(super) fn runs(&self) -> bool {
        self.running.since.is_some() && !self.dead && !self.state.ended()
    }

    /// The story's time.
    pub(super) fn story_time(&self, now: Timestamp) -> Duration {
        self.running.before + self.running.since.map_or(Duration::ZERO, |since| now.since(since))
    }

    /// What is true on the instance now.
    pub(super) fn host(&self, now: Timestamp) -> Host {
        self.host_at(self.story_time(now))
    }

    pub(super) fn host_at(&self, at: Duration) -> Host {
        let mut host = self.story.host(at);
        for (_, mends) in self.mended.iter().filter(|(from, _)| *from <= at) {
            host.packages.extend(mends.packages.iter().cloned());
            if mends.agent {
                host.agent.state = AgentState::Polling;
            }
        }
        host
    }

    /// Whether the SSM agent pings and takes commands.
    pub(super) fn reachable(&self, now: Timestamp) -> bool {
        let silent = self.story.silent_from.is_some_and(|from| from <= self.story_time(now));
        self.runs() && !silent && !self.down(now) && self.pings_since.is_some_and(|since| since <= now)
    }

    /// Whether its machine is down for a reboot.
    pub(super) fn down(&self, now: Timestamp) -> bool {
        self.story.ssm.down(self.story_time(now))
    }

    /// Counts the runs that begin on it, and the repairs by themselves; the first is 0.
    pub(super) fn count_run(&mut self, mends: bool) -> usize {
        let count = if mends { &mut self.repairs } else { &mut self.probes };
        *count += 1;
        *count - 1
    }

    /// Registered and neither stopped nor terminated: what `DescribeInstanceInformation` lists (aws-facts 6.1).
    /// One that died is listed until the group has seen it.
    pub(crate) fn listed(&self) -> bool {
        self.registered.is_some() && self.running.since.is_some() && !self.state.ended()
    }

    /// A healthy value may be five minutes old; a restarted instance shows its old one until the first new ping.
    pub(crate) fn last_ping(&self, now: Timestamp) -> Option<Timestamp> {
        let Some(first) = self.pings_since.filter(|since| *since <= now) else {
            return self.last_ping_before;
        };
        let silent = self
            .story
            .silent_from
            .zip(self.running.since)
            .map(|(from, since)| since + from.saturating_sub(self.running.before));
        let until = silent.map_or(now, |silent| now.min(silent));
        let pinged = (until.millis() - first.millis()).max(0) / PING_EVERY_MILLIS * PING_EVERY_MILLIS;
        Some(Timestamp::from_millis(first.millis() + pinged))
    }

    pub(super) fn stop(&mut self, now: Timestamp) {
        self.last_ping_before = self.last_ping(now);
        self.running.before = self.story_time(now);
        self.running.since = None;
        self.pings_since = None;
    }

    /// Counts the starts.
    pub(super) fn session(&self) -> u32 {
        self.running.session
    }

    pub(super) fn stopped(&self) -> bool {
        self.running.since.is_none()
    }

    /// The SSM agent begins to ping; says whether it is the first time.
    pub(super) fn register(&mut self, now: Timestamp) -> bool {
        let first = self.registered.is_none();
        self.registered.get_or_insert(now);
        self.pings_since = Some(now);
        first
    }

    pub(super) fn start(&mut self, now: Timestamp) {
        self.running.since = Some(now);
        self.running.session += 1;
    }
}
