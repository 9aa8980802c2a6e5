//! Lists of runs that are behind the truth.

use serde_json::json;
use tokio::time::advance;

use super::wire::heard;
use super::*;

/// It has a run of the same command as WEB.
const OTHER: &str = "i-0b1b2c3d4e5f60718";

fn running(instance: &str) -> Value {
    json!({
        "CommandId": "c-stuck", "InstanceId": instance, "DocumentName": "readiness",
        "RequestedDateTime": 1_789_374_150.0, "Status": "InProgress", "StatusDetails": "InProgress",
        "CommandPlugins": [],
    })
}

#[tokio::test(start_paused = true)]
async fn a_run_that_must_have_ended_is_followed_by_another() {
    let wire = talking()
        .on("DescribeInstanceInformation", heard(&[WEB, OTHER]))
        .on("DescribeAutoScalingInstances", lifecycle_state(&[(WEB, "Pending:Wait"), (OTHER, "Pending:Wait")]))
        .on("ListCommandInvocations", page(&[running(WEB), running(OTHER)]));
    let bench = Bench::at(61, wire);
    let launches = [launch(), launch_of(OTHER, "{}")];
    for _ in 0..13 {
        assert_eq!(bench.handle(&launches).await.len(), 2);
        advance(Duration::from_secs(30)).await;
    }
    let sent: Vec<Value> = bench.wire.asked("SendCommand");
    assert_eq!(sent.len(), 0, "the run may still end by itself: {sent:?}");
    bench.handle(&launches).await;
    assert_ne!(bench.wire.asked("SendCommand").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_sent_and_is_not_listed_yet_is_not_sent_again() {
    let bench = Bench::at(61, talking());
    bench.handle(&[launch()]).await;
    for _ in 0..2 {
        bench.handle(&[nudge(WEB)]).await;
        advance(Duration::from_secs(29)).await;
    }
    bench.handle(&[launch()]).await;
    assert_eq!(bench.wire.asked("SendCommand").len(), 1);
    advance(Duration::from_secs(30)).await;
    bench.handle(&[launch()]).await;
    assert_eq!(bench.wire.asked("SendCommand").len(), 2, "SSM does not know it");
}
