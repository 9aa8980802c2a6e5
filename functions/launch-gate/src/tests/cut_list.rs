//! A list of runs that AWS does not give to its end.

use serde_json::json;

use super::wire::{error, hanging_when_throttled, heard, invocation, report, sdk_config};
use super::*;

/// With WEB these are more than are asked for one by one.
const OTHERS: [&str; 2] = ["i-0b1b2c3d4e5f60718", "i-0c1b2c3d4e5f60718"];

/// WEB is on the first page of the runs, and this is the answer to the question for the second.
fn second_page(answer: wire::Answer) -> Wire {
    let all = [WEB, OTHERS[0], OTHERS[1]];
    let first = json!({"CommandInvocations": [invocation(WEB, 0, &report("[]"))], "NextToken": "two"});
    talking()
        .on("DescribeInstanceInformation", heard(&all))
        .on("DescribeAutoScalingInstances", lifecycle_state(&all.map(|id| (id, "Pending:Wait"))))
        .in_turn("ListCommandInvocations", [wire::json(&first), page(&[]), answer])
}

async fn only_the_ready_one_goes_on(bench: Bench) {
    let launches = [launch(), launch_of(OTHERS[0], "{}"), launch_of(OTHERS[1], "{}")];
    assert_eq!(bench.handle(&launches).await, ["1", "2"]);
    let completed = bench.wire.asked("CompleteLifecycleAction");
    assert_eq!((completed.len(), &completed[0]["LifecycleActionResult"]), (1, &json!("CONTINUE")));
    assert!(bench.wire.asked("SendCommand").is_empty(), "the others may have a run on a page that was not read");
    assert_eq!(bench.lines("batch")[0]["unfinished"], 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_ready_before_a_page_failed_goes_on() {
    only_the_ready_one_goes_on(Bench::at(61, second_page(error("AccessDeniedException", "no")))).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_ready_before_a_page_hung_goes_on() {
    let wire = Arc::new(second_page(error("ThrottlingException", "Rate exceeded")));
    only_the_ready_one_goes_on(Bench::over(&hanging_when_throttled(&wire), &sdk_config(&wire), 61, wire)).await;
}
