//! What the repairs of a launch have mended, and how long each took. Lines tell it; no decision depends on it.

use serde::Serialize;

use crate::history::only_waited;
use crate::observation::Observation;
use crate::report::{Class, Report};
use crate::run::{Purpose, Run};

/// What one repair has mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mended {
    /// The repairable findings that the readiness run before the repair has, and the one after it has not.
    pub codes: Vec<String>,
    /// Seconds from the request of the repair to its end.
    pub seconds: u64,
}

/// The repairs of this launch that have mended something, the first one first.
#[must_use]
pub fn list_mended(seen: &Observation) -> Vec<Mended> {
    let mut runs: Vec<&Run> = seen.own_runs().collect();
    runs.reverse();
    runs.iter().filter_map(|run| measure_repair(run, &runs)).collect()
}

/// What this repair has mended, if it is one: the difference between the last report before it and the first one that was
/// asked for after its end. A repair that only waited does not count: somebody else mended what is gone after it.
fn measure_repair(repair: &Run, runs: &[&Run]) -> Option<Mended> {
    let ended = repair.ended_at().filter(|_| repair.purpose == Purpose::Repair && !only_waited(repair))?;
    let reports =
        || runs.iter().filter(|run| run.purpose == Purpose::Readiness).filter_map(|run| Some((run, run.report()?.1)));
    let (_, was) = reports().rfind(|(run, _)| run.requested <= repair.requested)?;
    let (_, is) = reports().find(|(run, _)| run.requested >= ended)?;
    let codes = list_gone(was, is);
    let seconds = ended.since(repair.requested).as_secs();
    (!codes.is_empty()).then_some(Mended { codes, seconds })
}

fn list_gone(was: &Report, is: &Report) -> Vec<String> {
    let repairable = was.findings.iter().filter(|finding| finding.class == Class::Repairable);
    let stays = |code: &str| is.findings.iter().any(|finding| finding.code == code);
    repairable.filter(|finding| !stays(&finding.code)).map(|finding| finding.code.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{found, lost, ready, repair, run, talking};
    use crate::report::Class::{Repairable, Transient};
    use crate::run::{Loss, RunState};

    const MISSING: (&str, &str, Class) = ("agent", "agent-missing", Repairable);
    const STOPPED: (&str, &str, Class) = ("agent", "agent-stopped", Repairable);
    const PACKAGE: (&str, &str, Class) = ("packages", "package-missing", Repairable);
    const STARTING: (&str, &str, Class) = ("agent", "agent-starting", Transient);
    const BUSY: (&str, &str, Class) = ("install", "install-busy", Transient);

    /// Of runs that are told oldest first.
    fn of(runs: Vec<Run>) -> Vec<(Vec<String>, u64)> {
        let told = list_mended(&talking().ran(runs.into_iter().rev()));
        told.into_iter().map(|mended| (mended.codes, mended.seconds)).collect()
    }

    fn codes(codes: &[&str]) -> Vec<String> {
        codes.iter().map(|code| (*code).to_owned()).collect()
    }

    #[test]
    fn what_is_gone_after_a_repair_was_mended_by_it() {
        let runs = vec![run(10, found(12, [STARTING, PACKAGE, MISSING])), repair(13, ready(54)), run(55, ready(57))];
        assert_eq!(of(runs), [(codes(&["package-missing", "agent-missing"]), 41)]);
    }

    #[test]
    fn each_repair_has_its_own() {
        let runs = vec![
            run(10, found(12, [PACKAGE, MISSING])),
            repair(13, found(23, [STOPPED])),
            run(24, found(25, [STOPPED])),
            repair(26, lost(31, Loss::Broken)),
            run(32, found(33, [STARTING])),
            run(44, ready(45)),
        ];
        let both = [(codes(&["package-missing", "agent-missing"]), 10), (codes(&["agent-stopped"]), 5)];
        assert_eq!(of(runs), both);
    }

    #[test]
    fn what_went_without_a_repair_or_in_spite_of_one_is_nobody_s() {
        let found = || run(10, found(12, [MISSING]));
        for repaired in [
            vec![],
            vec![repair(13, RunState::Running)],
            vec![repair(13, crate::fixtures::found(20, [BUSY]))],
            vec![repair(9, ready(10))],
            vec![repair(31, ready(40))],
        ] {
            let mut runs = [vec![found()], repaired, vec![run(30, ready(31))]].concat();
            runs.sort_by_key(|run| run.requested);
            assert_eq!(of(runs), [], "no repair between");
        }
        let vain = vec![found(), repair(13, ready(20)), run(21, crate::fixtures::found(22, [MISSING]))];
        assert_eq!(of(vain), []);
        let before = vec![run(-10, crate::fixtures::found(-5, [MISSING])), repair(1, ready(2)), run(3, ready(4))];
        assert_eq!(of(before), [], "a run of before this launch is none of it");
    }
}
