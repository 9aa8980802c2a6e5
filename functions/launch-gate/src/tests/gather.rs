//! The function receives more messages from the queue itself, and deletes what it has settled.

use serde_json::json;

use super::wire::{self, Answer, error, heard, page};
use super::*;

const OTHER: &str = "i-0a1b2c3d4e5f60719";

/// An answer of the queue with these messages.
fn holding(messages: &[(String, Value)]) -> Answer {
    let message = |(id, body): &(String, Value)| {
        json!({
            "MessageId": id, "ReceiptHandle": format!("receipt-of-{id}"), "Body": body.to_string(),
            "Attributes": {"ApproximateReceiveCount": "1"},
        })
    };
    wire::json(&json!({"Messages": messages.iter().map(message).collect::<Vec<_>>()}))
}

fn one(id: &str, body: Value) -> Answer {
    holding(&[(id.to_owned(), body)])
}

fn empty() -> Answer {
    wire::json(&json!({}))
}

fn throttled() -> Answer {
    error("ThrottlingException", "Rate exceeded")
}

/// The queue gives these in turn, and then nothing.
fn queued(wire: Wire, answers: impl IntoIterator<Item = Answer>) -> Wire {
    wire.in_turn("ReceiveMessage", answers.into_iter().chain([empty()])).on("DeleteMessageBatch", deleted())
}

fn deleted() -> Answer {
    wire::json(&json!({"Successful": [], "Failed": []}))
}

/// Ten messages that are dropped, which no other answer of this `number` has.
fn garbage(number: usize) -> Answer {
    let ids = (0..10).map(|place| (format!("garbage-{number}-{place}"), json!({"hello": "world"})));
    holding(&ids.collect::<Vec<_>>())
}

/// Two instances of which the second is ready.
fn two_instances() -> Wire {
    ready()
        .on("DescribeInstanceInformation", heard(&[WEB, OTHER]))
        .on("DescribeAutoScalingInstances", lifecycle_state(&[(WEB, "Pending:Wait"), (OTHER, "Pending:Wait")]))
        .in_turn("ListCommandInvocations", [page(&[]), page(&[wire::invocation(OTHER, 0, &wire::report("[]"))])])
}

fn deletions(bench: &Bench) -> Vec<Value> {
    let requests = bench.wire.asked("DeleteMessageBatch");
    requests.iter().flat_map(|request| request["Entries"].as_array().unwrap().clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_received_message_is_settled_and_deleted_with_its_own_receipt() {
    let bench = Bench::at(61, queued(two_instances(), [one("7", launch_of(OTHER, "{}"))]));
    assert_eq!(bench.handle(&[launch()]).await, ["0"], "the answer names only what was delivered");
    assert_eq!(bench.lines("settled")[0]["instance"], OTHER);
    assert_eq!(deletions(&bench), [json!({"Id": "7", "ReceiptHandle": "receipt-of-7"})]);
    let asked = &bench.wire.asked("ReceiveMessage")[0];
    assert_eq!((&asked["MaxNumberOfMessages"], &asked["WaitTimeSeconds"]), (&json!(10), &json!(0)));
    assert_eq!(asked["MessageSystemAttributeNames"], json!(["ApproximateReceiveCount"]));
    let line = &bench.lines("batch")[0];
    assert_eq!((&line["messages"], &line["received"], &line["looks"]), (&json!(2), &json!(1), &json!(2)));
}

#[tokio::test(start_paused = true)]
async fn a_received_message_that_waits_is_neither_deleted_nor_named() {
    let bench = Bench::at(61, queued(talking(), [one("7", launch())]));
    assert!(bench.handle(&[nudge(OTHER)]).await.is_empty());
    assert_eq!(bench.wire.asked("SendCommand").len(), 1, "it was looked at");
    assert!(bench.wire.asked("DeleteMessageBatch").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_received_message_is_left_to_the_sweep_when_the_queue_cannot_count_it_any_more() {
    for (receives, deletions) in [("899", 0), ("900", 1)] {
        let mut message = json!({"MessageId": "7", "ReceiptHandle": "r", "Body": launch().to_string()});
        message["Attributes"] = json!({"ApproximateReceiveCount": receives});
        let bench = Bench::at(61, queued(talking(), [wire::json(&json!({"Messages": [message]}))]));
        bench.handle(&[]).await;
        assert_eq!(bench.wire.asked("DeleteMessageBatch").len(), deletions, "{receives}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_delivered_and_received_or_stands_twice_is_one_look() {
    for (wire, back) in [(ready(), vec![]), (talking(), vec!["0"])] {
        let bench = Bench::at(61, queued(wire, [one("0", launch()), one("7", launch()), one("7", launch())]));
        let mut delivered = batch(&[launch()], 1);
        delivered.records.push(delivered.records[0].clone());
        assert_eq!(bench.handle_batch(delivered, &bench.invocation(10)).await, back);
        let line = &bench.lines("batch")[0];
        assert_eq!((&line["messages"], &line["received"], &line["looks"]), (&json!(2), &json!(1), &json!(1)));
        let settled = usize::from(back.is_empty());
        assert_eq!(bench.wire.asked("CompleteLifecycleAction").len(), settled);
        assert_eq!(bench.lines("settled").len(), settled);
        // What the queue gave once more has a newer receipt, and only that deletes it for certain.
        let ids: Vec<String> = deletions(&bench).iter().map(|entry| entry["Id"].to_string()).collect();
        assert_eq!(ids, if settled == 1 { vec![r#""0""#, r#""7""#] } else { vec![] });
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_read_is_deleted() {
    let bench = Bench::at(61, queued(talking(), [garbage(0)]));
    assert_eq!(bench.handle(&[launch()]).await, ["0"]);
    assert_eq!(deletions(&bench).len(), 10);
    assert_eq!(bench.lines("batch")[0]["dropped"], 10);
}

#[tokio::test(start_paused = true)]
async fn each_round_asks_twice_as_often_until_sixteen_at_once() {
    let rounds = [1, 2, 4, 8, 16, 16];
    for (filled, expected) in rounds.iter().scan(0, |sum, size| {
        Some((*sum, {
            *sum += size;
            *sum
        }))
    }) {
        let bench = Bench::at(61, queued(talking(), (0..filled).map(|_| one("7", launch()))));
        bench.handle(&[]).await;
        assert_eq!(bench.wire.asked("ReceiveMessage").len(), expected, "after {filled} answers that are not empty");
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_at_most_a_thousand_messages_and_they_are_deleted_by_tens() {
    let bench = Bench::at(61, queued(talking(), (0..150).map(garbage)));
    let delivered = vec![json!("not json"); 10];
    assert!(bench.handle(&delivered).await.is_empty());
    let line = &bench.lines("batch")[0];
    assert_eq!((&line["messages"], &line["received"], &line["dropped"]), (&json!(1_000), &json!(990), &json!(1_000)));
    let requests = bench.wire.asked("DeleteMessageBatch");
    let sizes: Vec<usize> = requests.iter().map(|request| request["Entries"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [10; 99]);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_fails_or_hangs_costs_the_delivered_messages_nothing() {
    let failing = [throttled(), error("AccessDenied", "no"), (500, String::new())];
    let failing = failing.map(|answer| Bench::at(61, ready().on("ReceiveMessage", answer)));
    let hanging = Bench::with_hanging_queue(61, ready().on("ReceiveMessage", throttled()));
    for bench in failing.into_iter().chain([hanging]) {
        let began = Instant::now();
        assert!(bench.handle(&[launch()]).await.is_empty());
        assert!(began.elapsed() <= Duration::from_secs(2), "{:?}", began.elapsed());
        assert_eq!(bench.wire.asked("CompleteLifecycleAction").len(), 1);
        assert_eq!(bench.lines("batch")[0]["finished"], true);
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_before_the_queue_hangs_is_looked_at() {
    let answers = [one("7", launch()), garbage(0), throttled()];
    let bench =
        Bench::with_hanging_queue(61, ready().in_turn("ReceiveMessage", answers).on("DeleteMessageBatch", deleted()));
    assert!(bench.handle(&[]).await.is_empty());
    assert_eq!(bench.lines("batch")[0]["received"], 11);
    assert_eq!(bench.wire.asked("CompleteLifecycleAction").len(), 1);
    assert_eq!(deletions(&bench).len(), 11);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_fails_or_hangs_costs_nothing_but_time() {
    let failed = json!({"Id": "7", "SenderFault": false, "Code": "InternalError"});
    let partly = wire::json(&json!({"Successful": [], "Failed": [failed]}));
    for answer in [partly, throttled(), error("AccessDenied", "no")] {
        for new in [Bench::at, Bench::with_hanging_queue] {
            let wire = queued(ready(), [one("7", launch())]).on("DeleteMessageBatch", answer.clone());
            let (bench, began) = (new(61, wire), Instant::now());
            assert_eq!(bench.handle(&[launch_of(OTHER, "{}")]).await, ["0"]);
            assert_eq!(bench.lines("settled").len(), 1);
            assert!(began.elapsed() <= Duration::from_secs(2), "{:?}", began.elapsed());
        }
    }
}

/// AWS takes two verdicts, or none. Of which launches is not said: all began at once.
#[tokio::test(start_paused = true)]
async fn a_verdict_that_aws_throttled_comes_at_once_if_anything_was_settled() {
    let ids: Vec<String> = (0..4).map(|number| format!("i-0a1b2c3d4e5f6{number:04}")).collect();
    let of: Vec<&str> = ids.iter().map(String::as_str).collect();
    let runs: Vec<Value> = of.iter().map(|id| wire::invocation(id, 0, &wire::report("[]"))).collect();
    let accepted = || xml("CompleteLifecycleAction", "");
    for (verdicts, comes) in [(vec![accepted(), accepted(), throttled()], 2), (vec![throttled()], 0)] {
        let wire = queued(talking(), [one("7", launch_of(of[3], "{}"))])
            .on("DescribeInstanceInformation", heard(&of))
            .on(
                "DescribeAutoScalingInstances",
                lifecycle_state(&of.iter().map(|id| (*id, "Pending:Wait")).collect::<Vec<_>>()),
            )
            .on("ListCommandInvocations", page(&runs))
            .in_turn("CompleteLifecycleAction", verdicts)
            .on("ChangeMessageVisibilityBatch", deleted());
        let bench = Bench::at(61, wire);
        let mut delivered = batch(&of[..3].iter().map(|id| launch_of(id, "{}")).collect::<Vec<_>>(), 1);
        delivered
            .records
            .iter_mut()
            .for_each(|it| it.receipt_handle = it.message_id.clone().map(|id| format!("receipt-of-{id}")));
        bench.handle_batch(delivered, &bench.invocation(10)).await;
        let requests = bench.wire.asked("ChangeMessageVisibilityBatch");
        let entries: Vec<Value> = requests.iter().flat_map(|it| it["Entries"].as_array().unwrap().clone()).collect();
        assert_eq!(entries.len(), comes, "{entries:?}");
        for entry in entries {
            let receipt = format!("receipt-of-{}", entry["Id"].as_str().unwrap());
            assert_eq!((&entry["ReceiptHandle"], &entry["VisibilityTimeout"]), (&json!(receipt), &json!(0)));
        }
    }
}

/// Lambda reads an answer that comes after the function's time-out as a failure of the whole batch.
#[tokio::test(start_paused = true)]
async fn a_deletion_that_hangs_leaves_time_to_answer() {
    let wire = queued(talking(), [garbage(0)]).on("DeleteMessageBatch", throttled());
    let (bench, began) = (Bench::with_hanging_queue(61, wire), Instant::now());
    bench.handle_within(Duration::from_secs(1), &[launch()]).await;
    assert_eq!(bench.wire.asked("DeleteMessageBatch").len(), 1);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_busy_process_waits_before_it_receives_and_a_quiet_one_does_not() {
    for (pause, waits) in [(0, 1_000), (999, 1_000), (1_000, 0), (60_000, 0)] {
        let bench = Bench::at(61, queued(talking(), []));
        let handle = async || {
            let began = Instant::now();
            bench.handle(&[launch(), nudge(WEB)]).await;
            bench.wire.moments("ReceiveMessage").last().unwrap().duration_since(began)
        };
        assert_eq!(handle().await, Duration::ZERO, "the first batch of the process");
        tokio::time::advance(Duration::from_millis(pause)).await;
        assert_eq!(handle().await, Duration::from_millis(waits), "{pause} ms after the last batch");
    }
}
