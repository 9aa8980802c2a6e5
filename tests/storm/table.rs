//! Prints the faults that many runs survived, as a table.

use std::collections::BTreeMap;
use std::fmt;

use launchgate_tests::fleet::What;

use crate::laws::{ALONE, Broken, GOES_ON, HELD, LAST, OBEYED, OUTLIVES, OWN_HOOK, TOLD_TRULY, has_lapsed, outlived};
use crate::laws::{IN_A_ROW, ONLY_LAUNCH, SUSPENDED, UNASKED};
use crate::run::Survived;
use crate::scene::Scene;

/// The sums of many runs.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// How many runs.
    pub runs: u64,
    launches: u64,
    calls: u64,
    seconds: u64,
    met: BTreeMap<&'static str, u64>,
    broken: BTreeMap<&'static str, u64>,
    most_receives: u32,
    lapsed: u64,
    outlived: u64,
    deployments: BTreeMap<String, u64>,
    suspended: u64,
}

impl Table {
    /// Adds one run.
    pub fn add(&mut self, scene: &Scene, run: &Survived, broken: &[Broken]) {
        self.runs += 1;
        self.launches += scene.launches.len() as u64;
        self.calls += run.calls.values().sum::<u64>();
        self.seconds += run.seconds;
        self.most_receives = self.most_receives.max(run.most_receives);
        let lapsed = run.entries.iter().filter(|entry| has_lapsed(entry)).count() as u64;
        let inexcusable = broken.iter().filter(|broke| broke.law == SETTLED_IN_TIME).count() as u64;
        self.lapsed += lapsed.saturating_sub(inexcusable);
        self.outlived += outlived(run);
        self.suspended += u64::from(!run.suspensions.is_empty());
        for entry in &run.entries {
            if let What::Deployed { status, .. } = &entry.what {
                *self.deployments.entry(status.to_lowercase()).or_default() += 1;
            }
        }
        for (kind, count) in &run.met {
            *self.met.entry(kind).or_default() += count;
        }
        for broke in broken {
            *self.broken.entry(broke.law).or_default() += 1;
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<40} {:>12}", "survived", "")?;
        let hours = self.seconds / 3600;
        let rows =
            [("runs", self.runs), ("launches", self.launches), ("AWS calls", self.calls), ("simulated hours", hours)];
        for (name, count) in rows {
            writeln!(f, "  {name:<38} {count:>12}")?;
        }
        for (status, count) in &self.deployments {
            writeln!(f, "  {:<38} {count:>12}", format!("deployments {status}"))?;
        }
        writeln!(f, "  {:<38} {:>12}", "most receives of a message", self.most_receives)?;
        for (kind, count) in &self.met {
            writeln!(f, "  {:<38} {count:>12}", format!("fault: {kind}"))?;
        }
        writeln!(f, "  {:<38} {:>12}", "lapsed where the world left no way", self.lapsed)?;
        writeln!(f, "  {:<38} {:>12}", "deployments a minute past the ABANDON", self.outlived)?;
        writeln!(f, "  {:<38} {:>12}", "groups suspended", self.suspended)?;
        for law in LAWS {
            writeln!(
                f,
                "  {:<38} {:>12}",
                law,
                self.broken.get(law).map_or("holds".to_owned(), |times| format!("{times} broken"))
            )?;
        }
        Ok(())
    }
}

const SETTLED_IN_TIME: &str = "every action settled before its time-out";

/// The laws by name, in the order of the table.
pub const LAWS: [&str; 19] = [
    "no healthy instance abandoned",
    "no unready instance continued",
    SETTLED_IN_TIME,
    "exactly one line per verdict",
    OWN_HOOK,
    OUTLIVES,
    ALONE,
    GOES_ON,
    TOLD_TRULY,
    OBEYED,
    HELD,
    LAST,
    UNASKED,
    ONLY_LAUNCH,
    IN_A_ROW,
    SUSPENDED,
    "everything comes to an end",
    "calls within budget",
    "no dead letters",
];
