//! What happens to the stories of the demo without the gate: in the same fleet, in moved time.

use std::collections::BTreeSet;
use std::fs;

use launchgate_tests::fleet::story::Stories;
use launchgate_tests::play::alone;
use launchgate_tests::stack::repository;
use launchgate_tests::timeline::{Row, State};

fn demo() -> (Stories, Vec<Row>) {
    let text = fs::read_to_string(repository().join("tests/stories/demo.toml")).unwrap();
    let cast = Stories::parse(&text).unwrap();
    let rows = alone(&cast).unwrap();
    (cast, rows)
}

fn begin_of(row: &Row, state: State) -> Option<f64> {
    row.spans.iter().find(|span| span.state == state).map(|span| span.from)
}

#[test]
fn every_story_that_the_gate_holds_is_lived_once_without_it() {
    let (cast, rows) = demo();
    let lived: Vec<&str> = rows.iter().map(|row| row.story.as_str()).collect();
    let told: BTreeSet<&str> = cast.upcoming().map(|story| story.name.as_str()).collect();
    let left_out: Vec<&&str> = told.iter().filter(|name| !lived.contains(name)).collect();
    assert_eq!(left_out, [&"the same without the gate"]);
    assert_eq!(lived.len(), lived.iter().collect::<BTreeSet<_>>().len(), "{lived:?}");
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.instance.as_str()).collect();
    assert_eq!(ids.len(), rows.len());
}

/// An hour (aws-facts 3.3), then the group launches the next.
#[test]
fn codedeploy_waits_an_hour_for_an_agent_that_never_polls() {
    let (_, rows) = demo();
    let row = |name: &str| rows.iter().find(|row| row.story == name).unwrap();
    let silent = row("the agent is never installed");
    assert!(begin_of(silent, State::Ended).is_some_and(|at| (3600.0..3610.0).contains(&at)), "{silent:?}");
    assert_eq!(silent.end, "ABANDON: deployment-failed");
    let good = row("boots in 12 s");
    assert!(begin_of(good, State::InService).is_some_and(|at| at < 40.0), "{good:?}");
    assert_eq!(row("green: a fleet that comes up").end, "in service", "no hook held it");
    assert_eq!(row("dies midway").end, "ended");
    let third = row("a bad release, the third: Launch suspended");
    assert!(third.spans.first().is_some_and(|span| span.from > 7200.0), "{third:?}");
    assert!(rows.iter().all(|row| row.spans.iter().all(|span| ![State::Run, State::Repairing].contains(&span.state))));
}
