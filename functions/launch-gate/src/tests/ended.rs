//! Runs that have ended on many instances at once.

use serde_json::json;

use super::wire;
use super::*;

/// So many instances, of which the first is ready and the second has this finding, and the ends of their runs.
fn many_ended(class: &str, count: usize) -> (Bench, Vec<Value>) {
    let ids: Vec<String> = std::iter::once(WEB.to_owned()).chain((1..count).map(|n| format!("i-{n:017x}"))).collect();
    let states: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "Pending:Wait")).collect();
    let finding = format!(r#"[{{"check":"agent","code":"agent-x","class":"{class}","detail":"d"}}]"#);
    let (ready, unready) = (wire::report("[]"), wire::report(&finding));
    let listed = page(&[wire::invocation(WEB, 0, &ready), wire::invocation(&ids[1], 10, &unready)]);
    let wire =
        talking().on("DescribeAutoScalingInstances", lifecycle_state(&states)).on("ListCommandInvocations", listed);
    let ended = ids.iter().map(|id| {
        let mut nudge = nudge(id);
        nudge["detail"]["command-id"] = json!("7b1d9a1e-4a2f-4df4-8d7c-5b7f2b0d6c77");
        nudge
    });
    (Bench::at(61, wire), ended.collect())
}

#[tokio::test(start_paused = true)]
async fn many_runs_that_ended_are_read_by_their_command_and_only_the_ready_are_settled() {
    for class in ["transient", "repairable", "fatal"] {
        let (bench, ended) = many_ended(class, 12);
        assert!(bench.handle(&ended).await.is_empty());
        let asked = bench.wire.asked("ListCommandInvocations");
        assert_eq!(asked.len(), 1, "one command");
        assert_eq!(asked[0]["CommandId"], "7b1d9a1e-4a2f-4df4-8d7c-5b7f2b0d6c77");
        assert_eq!(bench.wire.asked("CompleteLifecycleAction").len(), 1, "{class}");
        assert_eq!(bench.lines("settled")[0]["instance"], WEB);
        assert!(bench.wire.asked("SendCommand").is_empty(), "{class}: its other runs were not looked at");
    }
}

#[tokio::test(start_paused = true)]
async fn where_few_are_not_ready_all_their_runs_are_read() {
    let (bench, ended) = many_ended("repairable", 11);
    assert!(bench.handle(&ended).await.is_empty());
    let asked = bench.wire.asked("ListCommandInvocations");
    let by_command = asked.iter().filter(|asked| asked.get("CommandId").is_some()).count();
    assert_eq!((asked.len(), by_command), (3, 1), "one command, then the pages of both documents");
    assert_eq!(bench.wire.asked("CompleteLifecycleAction").len(), 1);
}
