//! Checks what the alarms look at.

use std::collections::BTreeSet;

use serde_json::json;

use super::template;

/// Two stacks of one account and Region have the same namespace, and different hooks.
#[test]
fn an_alarm_on_a_metric_of_the_gate_looks_at_this_stack_s_hook() {
    let template = template();
    let alarms = template.resources("AWS::CloudWatch::Alarm").into_iter();
    let of_the_gate: BTreeSet<_> =
        alarms.filter(|alarm| template.property(alarm, "/Namespace") == "Launchgate").collect();
    let expected = ["BreakerAlarm", "OldestOpenAlarm", "RefusedRunsAlarm", "UngatedGroupAlarm"];
    assert_eq!(of_the_gate, expected.map(str::to_owned).into());
    for alarm in of_the_gate {
        let dimensions = template.property(&alarm, "/Dimensions");
        assert_eq!(dimensions, json!([{"Name": "hook", "Value": {"Ref": "HookName"}}]), "{alarm}");
    }
}
