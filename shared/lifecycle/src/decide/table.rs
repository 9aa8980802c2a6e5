//! The whole decision table, as one snapshot: a change of policy appears in review as a changed row.

mod agent_last;
mod heartbeats;
mod histories;
mod last_look;
mod time_left;

use std::fmt::Write;
use std::time::Duration;

use super::decide;
use crate::decision::{Action, Decision, Heartbeat, LifecycleResult};
use crate::event::Destination;
use crate::fixtures::{at, found, hooked, lost, ready, repair, run, talking, waiting};
use crate::observation::{Beginning, GroupHooks, LifecycleState, Observation, Ping, Reading};
use crate::policy::{Mode, Policy};
use crate::report::Class;
use crate::run::{Loss, RunState};
use crate::timestamp::Timestamp;
use agent_last::by_agent_last;
use heartbeats::by_heartbeat;
use histories::{MISSING, NO_CREDENTIALS, histories, in_vain};
use last_look::{by_last_look, by_repair_in_progress};
use time_left::by_time_left;

/// The moment of every look in the table, in seconds since the beginning; the default deadline is at 600.
const NOW: i64 = 100;
const LATE: i64 = 600;

fn lifecycle_states() -> Vec<(&'static str, Reading<LifecycleState>)> {
    vec![
        ("not read", Reading::Unread),
        ("unreadable", Reading::Failed),
        ("waiting", Reading::Known(LifecycleState::Waiting(Destination::Service))),
        ("waiting for the pool", Reading::Known(LifecycleState::Waiting(Destination::Pool))),
        ("before", Reading::Known(LifecycleState::parse("Pending"))),
        ("not listed", Reading::Known(LifecycleState::Absent)),
        ("in service", Reading::Known(LifecycleState::parse("InService"))),
        ("gone", Reading::Known(LifecycleState::Gone)),
    ]
}

fn pings() -> Vec<(&'static str, Reading<Ping>)> {
    let heard = |online, seconds| Reading::Known(Ping::Heard { online, at: at(seconds) });
    vec![
        ("not read", Reading::Unread),
        ("never", Reading::Known(Ping::Never)),
        ("before the launch", heard(true, -231)),
        ("connection lost", heard(false, 20)),
        ("fresh", heard(true, -230)),
    ]
}

#[test]
fn every_row_of_the_decision_table_has_a_reviewed_answer() {
    let mut table = String::new();
    section(&mut table, "where the instance is (everything else read, a ready report)", &by_presence());
    section(&mut table, "ping and runs of a waiting instance, 100 s after the beginning", &by_ping_and_runs());
    section(&mut table, "the same past the deadline of 600 s", &past_the_deadline());
    section(&mut table, "the last look, past the deadline of 600 s", &by_last_look());
    section(&mut table, "a repair in progress", &by_repair_in_progress());
    section(&mut table, "policy", &by_policy());
    section(&mut table, "a repairable finding beside a transient one of each check", &by_neighbour());
    section(&mut table, "the agent last", &by_agent_last());
    section(&mut table, "repairs, by the time that is left", &by_time_left());
    section(&mut table, "what is known about the beginning", &by_beginning());
    section(&mut table, "heartbeats of a run in progress", &by_heartbeat());
    insta::assert_snapshot!("decision_table", table);
}

type Rows = Vec<(String, Decision)>;

fn section(table: &mut String, title: &str, rows: &Rows) {
    writeln!(table, "\n## {title}").unwrap();
    for (situation, decision) in rows {
        writeln!(table, "{situation:<68} | {}", tell(decision)).unwrap();
    }
}

fn tell(decision: &Decision) -> String {
    let action = match decision.action {
        Action::Wait => "wait".to_owned(),
        Action::Probe { wait, offered: true } => format!("probe {} s", wait.as_secs()),
        Action::Probe { wait, offered: false } => format!("probe {} s alone", wait.as_secs()),
        Action::Repair(wait) => format!("repair {} s", wait.as_secs()),
        Action::StartAgent(wait) => format!("start agent {} s", wait.as_secs()),
        Action::Complete(result) => format!("complete {}", result.as_str()),
        Action::Settle => "settle".to_owned(),
    };
    let heartbeat = match decision.heartbeat {
        Heartbeat::No => "",
        Heartbeat::Due => " + heartbeat",
        Heartbeat::IfRunAccepted => " + heartbeat if accepted",
    };
    format!("{:<17} | {:<16} | {}{heartbeat}", action, format!("{:?}", decision.rule), decision.reason)
}

fn rows<T: Clone>(cases: Vec<(&str, T)>, see: impl Fn(T) -> Observation, now: i64) -> Rows {
    let decided = |(name, case): (&str, T)| (name.to_owned(), decide(&see(case), &Policy::default(), at(now)));
    cases.into_iter().map(decided).collect()
}

fn by_presence() -> Rows {
    let service = |lifecycle_state| Observation {
        lifecycle_state,
        destination: Some(Destination::Service),
        ..talking().ran([run(30, ready(40))])
    };
    let early = rows(lifecycle_states(), service, 59)
        .into_iter()
        .map(|(name, decision)| (format!("{name}, at 59 s"), decision));
    let mut rows = rows(lifecycle_states(), service, NOW);
    rows.extend(early);
    let over =
        |seen| decide(&Observation { lifecycle_state: Reading::Known(seen), ..talking() }, &Policy::default(), at(60));
    rows.push(("not listed, at 60 s".into(), over(LifecycleState::Absent)));
    let unhooked = Observation { hooks: Reading::Known(GroupHooks::default()), ..talking() };
    rows.push(("waiting, our hook has been removed".into(), decide(&unhooked, &Policy::default(), at(NOW))));
    rows
}

fn by_ping_and_runs() -> Rows {
    ping_and_runs(NOW)
}

fn past_the_deadline() -> Rows {
    ping_and_runs(LATE)
}

fn ping_and_runs(now: i64) -> Rows {
    let all = pings().into_iter().flat_map(|(ping_name, ping)| {
        let see = move |runs| Observation { ping: ping.clone(), runs, ..waiting() };
        rows(histories(), see, now)
            .into_iter()
            .map(move |(runs_name, decision)| (format!("ping {ping_name:<17} | runs {runs_name}"), decision))
    });
    all.collect()
}

fn by_policy() -> Rows {
    let lenient = Policy { on_deadline: LifecycleResult::Continue, ..Policy::default() };
    let hands_off = Policy { repair: false, ..Policy::default() };
    let observing = Policy { mode: Mode::Observe, ..Policy::default() };
    let vain = || talking().ran(in_vain(ready(35), ready(65), [MISSING]));
    let patient = Policy { ready_within: Duration::from_hours(24), ..Policy::default() };
    let short_lived = Observation { hooks: hooked(30), ..waiting() };
    let ask =
        |name: &str, seen: &Observation, policy: &Policy, now: i64| (name.to_owned(), decide(seen, policy, at(now)));
    vec![
        ask("on_deadline continue, never heard, deadline passed", &waiting(), &lenient, LATE),
        ask("on_deadline continue, fatal", &talking().ran([run(30, found(40, [NO_CREDENTIALS]))]), &lenient, NOW),
        ask("repair false, repairable just now", &talking().ran([run(30, found(41, [MISSING]))]), &hands_off, NOW),
        ask("repair false, repairable 60 s ago", &talking().ran([run(30, found(40, [MISSING]))]), &hands_off, NOW),
        ask("observing, repairable 60 s ago", &talking().ran([run(30, found(40, [MISSING]))]), &observing, NOW),
        ask("on_deadline continue, in vain twice", &vain(), &lenient, NOW),
        ask("repair false by now, in vain twice", &vain(), &hands_off, NOW),
        ask("never heard, ready_within 24 h, global timeout 3000 s, at 2879 s", &short_lived, &patient, 2879),
        ask("never heard, ready_within 24 h, global timeout 3000 s, at 2880 s", &short_lived, &patient, 2880),
        ask("10 s before the deadline", &talking(), &Policy::default(), LATE - 10),
        ask("15 s before the deadline", &talking(), &Policy::default(), LATE - 15),
        ask("249 s before the deadline", &talking(), &Policy::default(), LATE - 249),
        ask("250 s before the deadline", &talking(), &Policy::default(), LATE - 250),
        ask("the last second before the deadline", &talking(), &Policy::default(), LATE - 1),
    ]
}

fn by_neighbour() -> Rows {
    let checks = [
        "boot",
        "package-lock",
        "packages",
        "agent",
        "metadata",
        "credentials",
        "network",
        "clock",
        "disk",
        "units",
        "url",
    ];
    let cross = |check: &str| {
        let seen = talking().ran([run(30, found(40, [(check, "x", Class::Transient), MISSING]))]);
        (check.to_owned(), decide(&seen, &Policy::default(), at(NOW)))
    };
    checks.map(cross).into()
}

fn by_beginning() -> Rows {
    let beginnings =
        [("at", Beginning::At(at(0))), ("soon after", Beginning::SoonAfter(at(0))), ("unknown", Beginning::Unknown)];
    let cases: [(&str, Observation, i64); 15] = [
        ("ready 120 s ago", talking().ran([run(30, ready(40))]), 160),
        ("ready 121 s ago", talking().ran([run(30, ready(40))]), 161),
        ("ready 300 s ago", talking().ran([run(30, ready(40))]), 340),
        ("ready 301 s ago", talking().ran([run(30, ready(40))]), 341),
        ("ready 310 s ago", talking().ran([run(30, ready(40))]), 350),
        ("ready 560 s ago, in the tenth minute", talking().ran([run(30, ready(40))]), 600),
        ("lost 121 s ago", talking().ran([run(30, lost(40, Loss::Broken))]), 161),
        (
            "repaired twice, 500 s ago, repairable",
            talking().ran([run(590, found(595, [MISSING])), repair(20, ready(30)), repair(10, ready(15))]),
            599,
        ),
        ("in vain twice", talking().ran(in_vain(ready(35), ready(65), [MISSING])), NOW),
        ("running", talking().ran([run(30, RunState::Running)]), 160),
        ("never heard, 600 s", waiting(), 600),
        ("never heard, 660 s", waiting(), 660),
        ("pinged 330 s ago", waiting().heard(at(20)), 350),
        ("pinged 331 s ago", waiting().heard(at(20)), 351),
        ("pinged a second before", waiting().heard(at(-1)), 10),
    ];
    let cross = |(name, beginning): (&str, Beginning)| {
        let decided = |(case, seen, now): &(&str, Observation, i64)| {
            let seen = seen.clone().begun(beginning);
            (format!("{name:<10} | {case}"), decide(&seen, &Policy::default(), at(*now)))
        };
        cases.iter().map(decided).collect::<Rows>()
    };
    beginnings.into_iter().flat_map(cross).collect()
}

/// The deadline as a law, beside the rows of the table.
#[test]
fn the_deadline_is_ready_within_seconds_after_the_beginning() {
    let decided = |now: Timestamp| decide(&waiting(), &Policy::default(), now).action;
    assert_eq!(decided(Timestamp::from_millis(at(600).millis() - 1)), Action::Wait);
    assert_eq!(decided(at(600)), Action::Complete(LifecycleResult::Abandon));
}
