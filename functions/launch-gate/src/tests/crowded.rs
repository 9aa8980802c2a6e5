//! Many launches at once, while AWS throttles: every page of a list has its turn, and one kind of call does not wait for
//! another.

use serde_json::json;
use tokio::time::advance;

use super::wire::{error, heard, invocation, report};
use super::*;

/// More than one read of fifty instances serves.
const CROWD: usize = 60;

fn crowd() -> Vec<String> {
    (0..CROWD).map(|number| format!("i-0a1b2c3d4e5f6{number:04}")).collect()
}

fn launches(ids: &[String]) -> Vec<Value> {
    ids.iter().map(|id| launch_of(id, "{}")).collect()
}

fn throttled() -> wire::Answer {
    error("ThrottlingException", "Rate exceeded")
}

/// One ready run on each.
fn ready_on(ids: &[String]) -> Vec<Value> {
    ids.iter().map(|id| invocation(id, 0, &report("[]"))).collect()
}

fn page_before(next: &str, ready: &[String]) -> wire::Answer {
    wire::json(&json!({"CommandInvocations": ready_on(ready), "NextToken": next}))
}

/// All of them wait, and SSM hears from them.
fn waiting(ids: &[String]) -> Wire {
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    talking().on("DescribeInstanceInformation", heard(&ids)).on(
        "DescribeAutoScalingInstances",
        lifecycle_state(&ids.iter().map(|id| (*id, "Pending:Wait")).collect::<Vec<_>>()),
    )
}

fn tokens(bench: &Bench) -> Vec<Value> {
    let asked = bench.wire.asked("ListCommandInvocations");
    let readiness = asked.iter().filter(|request| request["Filters"].to_string().contains("readiness"));
    readiness.map(|request| request["NextToken"].clone()).collect()
}

/// A gate that got the first page of the readiness runs in its first look, and no more before its time was over.
async fn left_after_one_page(ids: &[String], on_first: &[String]) -> Bench {
    let answers = [page_before("two", on_first), throttled()];
    let bench = Bench::at(61, waiting(ids).in_turn("ListCommandInvocations", answers));
    assert_eq!(bench.handle(&launches(ids)).await.len(), ids.len() - on_first.len());
    assert!(bench.wire.asked("SendCommand").is_empty(), "the other pages may have runs");
    advance(Duration::from_secs(20)).await;
    bench
}

#[tokio::test(start_paused = true)]
async fn a_list_that_was_left_goes_on_where_it_was_left() {
    let ids = crowd();
    let (first, rest) = ids.split_at(20);
    let bench = left_after_one_page(&ids, first).await;
    bench.wire.turn("ListCommandInvocations", [page(&ready_on(rest)), page(&[])]);
    assert!(bench.handle(&launches(rest)).await.is_empty());
    assert_eq!(bench.lines("settled").len(), CROWD);
    assert_eq!(tokens(&bench).last().unwrap(), "two");
}

#[tokio::test(start_paused = true)]
async fn a_list_whose_page_is_refused_or_that_is_old_begins_anew() {
    let ids = crowd();
    let refused = error("InvalidNextToken", "The specified token isn't valid.");
    for (answer, pause) in [(refused, 20), (throttled(), 301)] {
        let bench = left_after_one_page(&ids, &ids[..20]).await;
        bench.wire.turn("ListCommandInvocations", [answer]);
        bench.handle(&launches(&ids[20..])).await;
        assert_eq!(tokens(&bench).last().unwrap(), "two");
        advance(Duration::from_secs(pause)).await;
        bench.wire.turn("ListCommandInvocations", [page(&[])]);
        bench.handle(&launches(&ids[20..])).await;
        assert_eq!(tokens(&bench).last().unwrap(), &json!(null));
    }
}

#[tokio::test(start_paused = true)]
async fn a_launch_without_a_run_in_any_part_of_the_list_gets_its_first() {
    let ids = crowd();
    let bench = left_after_one_page(&ids, &ids[..20]).await;
    bench.wire.turn("ListCommandInvocations", [page(&[])]);
    assert_eq!(bench.handle(&launches(&ids[20..])).await.len(), 40);
    assert_eq!(count_sent(&bench), 40);
}

fn count_sent(bench: &Bench) -> usize {
    let sent = bench.wire.asked("SendCommand");
    sent.iter().map(|request| request["InstanceIds"].as_array().unwrap().len()).sum()
}

/// A gate that has listed a ready run on each of them and settled 55, and the launch messages of the other five.
async fn with_late_launches() -> (Bench, Vec<Value>) {
    let ids = crowd();
    let (first, late) = ids.split_at(55);
    let bench = Bench::at(61, waiting(&ids).on("ListCommandInvocations", page(&ready_on(&ids))));
    assert!(bench.handle(&launches(first)).await.is_empty());
    (bench, launches(late))
}

/// The launch message comes to this process only after the list.
#[tokio::test(start_paused = true)]
async fn a_list_tells_of_launches_whose_messages_come_later() {
    let (bench, late) = with_late_launches().await;
    let before = bench.wire.asked("ListCommandInvocations").len();
    assert!(bench.handle(&late).await.is_empty());
    assert_eq!(bench.wire.asked("ListCommandInvocations").len(), before);
    assert_eq!(bench.lines("settled").len(), CROWD);
}

/// What was listed is of another launch if it was asked for before this one began.
#[tokio::test(start_paused = true)]
async fn a_list_says_nothing_of_a_launch_that_began_after_its_runs() {
    let (bench, mut late) = with_late_launches().await;
    for launch in &mut late {
        launch["time"] = json!("2026-09-14T08:22:40Z");
    }
    assert_eq!(bench.handle(&late).await.len(), 5);
    assert_eq!(bench.lines("settled").len(), 55);
}

#[tokio::test(start_paused = true)]
async fn a_run_starts_although_no_verdict_is_accepted() {
    let ids = crowd();
    let ready = page(&ready_on(&ids[..20]));
    let wire = waiting(&ids).on("ListCommandInvocations", ready).on("CompleteLifecycleAction", throttled());
    let bench = Bench::at(61, wire);
    assert_eq!(bench.handle(&launches(&ids)).await.len(), CROWD);
    assert_eq!(count_sent(&bench), 40);
}

/// The first batch shows two as ready, and AWS takes no verdict. Then it takes verdicts, and gives no lists.
#[tokio::test(start_paused = true)]
async fn a_verdict_does_not_wait_for_the_lists_of_others() {
    let ids = crowd();
    let ready = page(&ready_on(&ids[..2]));
    let wire = waiting(&ids).on("ListCommandInvocations", ready).on("CompleteLifecycleAction", throttled());
    let bench = Bench::at(61, wire);
    bench.handle(&launches(&ids[..3])).await;
    bench.wire.turn("CompleteLifecycleAction", [xml("CompleteLifecycleAction", "")]);
    bench.wire.turn("ListCommandInvocations", [throttled()]);
    advance(Duration::from_secs(30)).await;
    let began = Instant::now();
    bench.handle(&launches(&ids)).await;
    assert_eq!(bench.lines("settled").len(), 2);
    assert!(bench.wire.moments("ListCommandInvocations").iter().any(|moment| *moment >= began));
    let verdict = *bench.wire.moments("CompleteLifecycleAction").last().unwrap();
    assert!(verdict.duration_since(began) < Duration::from_secs(1), "the lists are left after 3 s");
}

/// The launch that began 160 s ago may have had no heartbeat. The one that began 200 s ago had one, or it would be gone.
#[tokio::test(start_paused = true)]
async fn the_heartbeat_that_may_be_missing_longest_is_sent_first() {
    let ids = crowd().split_off(58);
    let wire =
        waiting(&ids).on("DescribeLifecycleHooks", wire::hook(180, "{}")).on("ListCommandInvocations", page(&[]));
    let bench = Bench::at(200, wire);
    let mut launches = launches(&ids);
    launches[1]["time"] = json!("2026-09-14T08:22:23Z");
    launches[1]["detail"]["LifecycleActionToken"] = json!("97809a88-df24-4593-bbcb-b78cae43ab16");
    bench.handle(&launches).await;
    let beats = bench.wire.asked("RecordLifecycleActionHeartbeat");
    let tokens: Vec<&str> = beats.iter().map(|beat| beat["LifecycleActionToken"].as_str().unwrap()).collect();
    assert_eq!(tokens, ["97809a88-df24-4593-bbcb-b78cae43ab16", TOKEN]);
}
