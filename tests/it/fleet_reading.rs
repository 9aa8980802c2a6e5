//! Tests which documents the fleet accepts, and how command results and instance registrations are read. The test moves
//! the fleet's clock.

use lifecycle::Timestamp;
use serde_json::json;

use crate::fleet_world::{World, list, ready, text};

#[test]
fn parameters_are_held_to_what_the_document_says() {
    let (mut world, id) = ready("");
    let bad = [
        json!({"nonsense": ["1"]}),
        json!({"waitSeconds": ["ten"]}),
        json!({"waitSeconds": ["1\n"]}),
        json!({"waitSeconds": ["1", "2"]}),
        json!({"agent": ["maybe"]}),
        json!({"units": ["a name of more than twenty characters"]}),
    ];
    for parameters in bad {
        let members = json!({"DocumentName": "readiness", "InstanceIds": [id], "Parameters": parameters});
        assert_eq!(world.refused("SendCommand", members).0, "InvalidParameters", "{parameters}");
    }
    let bad = [
        json!({"TimeoutSeconds": 29}),
        json!({"MaxErrors": "101%"}),
        json!({"MaxConcurrency": "0"}),
        json!({"Comment": "c".repeat(101)}),
    ];
    for more in bad {
        let mut members = json!({"DocumentName": "readiness", "InstanceIds": [id]});
        members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(world.refused("SendCommand", members).0, "ValidationError", "{more}");
    }
}

/// aws-facts 6.5.
#[test]
fn a_command_runs_the_version_that_it_names() {
    let (mut world, id) = ready("");
    let content = text(&world.ok("GetDocument", json!({"Name": "readiness"})), "/Content") + "\n# newer";
    world.ok("UpdateDocument", json!({"Name": "readiness", "DocumentFormat": "YAML", "Content": content}));
    let send = |version: &str| json!({"DocumentName": "readiness", "InstanceIds": [id], "DocumentVersion": version});
    for (version, run) in [("$DEFAULT", "1"), ("$LATEST", "2"), ("1", "1"), ("2", "2")] {
        assert_eq!(text(&world.ok("SendCommand", send(version)), "/Command/DocumentVersion"), run, "{version}");
    }
    for (version, refusal) in [("3", "InvalidDocumentVersion"), ("latest", "ValidationError")] {
        assert_eq!(world.refused("SendCommand", send(version)).0, refusal, "{version}");
    }
}

#[test]
fn documents_are_read_when_they_are_created() {
    let mut world = World::new();
    let create = |content: &str| json!({"Name": "doc", "DocumentFormat": "YAML", "Content": content});
    for (content, code) in [
        (": [", "InvalidDocumentContent"),
        ("schemaVersion: '0.3'", "InvalidDocumentSchemaVersion"),
        ("schemaVersion: '2.2'", "InvalidDocumentContent"),
        (
            "schemaVersion: '2.2'\nmainSteps: [{action: 'aws:runShellScript', name: probe, inputs: {runCommand: 5}}]",
            "InvalidDocumentContent",
        ),
        (
            "schemaVersion: '2.2'\nparameters: {a: {type: Boolean}}\nmainSteps: [{action: x, name: probe}]",
            "InvalidDocumentContent",
        ),
        (
            "schemaVersion: '2.2'\nparameters: {a: {type: String, allowedPattern: '(?=a)'}}\nmainSteps: [{action: x, name: probe}]",
            "InvalidDocumentContent",
        ),
    ] {
        assert_eq!(world.refused("CreateDocument", create(content)).0, code, "{content}");
    }
    world.ok("CreateDocument", create("schemaVersion: '2.2'\nmainSteps: [{action: x, name: probe}]"));
    assert_eq!(world.refused("CreateDocument", create("x")).0, "DocumentAlreadyExists");
}

const REAL: &str = "[default]\nstory = \"real\"\nreal = true";

#[test]
fn a_real_script_is_handed_out_with_its_parameters() {
    let (mut world, id) = ready(REAL);
    world.send("readiness", &[&id], json!({"Parameters": {"waitSeconds": ["7"]}}));
    world.after(1);
    let script = world.fleet.take_scripts().remove(0);
    // ENV_VAR parameters are not written into the script.
    assert_eq!(script.script, "echo required {{waitSeconds}}\nexit 0");
    assert_eq!(script.environment["SSM_waitSeconds"], "7");
    assert_eq!((script.timeout.as_secs(), script.instance), (60, id.clone()));
    assert!(world.fleet.host(&id, world.now).is_some());
}

#[test]
fn output_is_cut_at_its_head_and_a_script_ends_once() {
    let (mut world, id) = ready(REAL);
    let command = world.send("readiness", &[&id], json!({}));
    world.after(1);
    let now = world.now;
    world.fleet.finish_script(now, &command, &id, 3, "o".repeat(30_000), "e".repeat(30_000));
    let got = world.invocation(&command, &id);
    assert_eq!(text(&got, "/StandardOutputContent").len(), 24_000);
    assert_eq!(text(&got, "/StandardErrorContent").len(), 8_000);
    let listed = world.ok("ListCommandInvocations", json!({"CommandId": command, "Details": true}));
    let plugin = &listed["CommandInvocations"][0]["CommandPlugins"][0];
    // What the SSM Agent sends of two long outputs: half of its 2,500 bytes each, less its own marks and title.
    assert_eq!((text(plugin, "/Output").len(), &plugin["ResponseCode"]), (2_500, &json!(3)));
    world.fleet.finish_script(now, &command, &id, 0, String::new(), String::new());
    assert_eq!(world.status(&command, &id).0, "Failed");
}

#[test]
fn invocations_are_listed_newest_first_page_by_page() {
    let (mut world, id) = ready("");
    let sent: Vec<String> = (0..5).map(|_| world.send("readiness", &[&id], json!({}))).collect();
    world.send("mends", &[&id], json!({}));
    world.after(1);
    let filter = json!([{"key": "DocumentName", "value": "readiness"}]);
    let first = world.ok("ListCommandInvocations", json!({"Filters": filter, "MaxResults": 3}));
    world.send("readiness", &[&id], json!({}));
    world.after(1);
    let next = world.ok(
        "ListCommandInvocations",
        json!({"Filters": filter, "MaxResults": 3, "NextToken": text(&first, "/NextToken")}),
    );
    assert!(next.get("NextToken").is_none());
    let ids: Vec<String> = list(&first, "CommandInvocations")
        .iter()
        .chain(list(&next, "CommandInvocations"))
        .map(|one| text(one, "/CommandId"))
        .collect();
    assert_eq!(ids, sent.into_iter().rev().collect::<Vec<_>>(), "whatever is sent meanwhile");
    let after = world.now.to_string();
    let later = world.ok("ListCommandInvocations", json!({"Filters": [{"key": "InvokedAfter", "value": after}]}));
    assert_eq!(list(&later, "CommandInvocations").len(), 0);
    assert_eq!(world.refused("ListCommandInvocations", json!({"NextToken": "x"})).0, "InvalidNextToken");
    assert_eq!(world.refused("ListCommandInvocations", json!({"MaxResults": 51})).0, "ValidationError");
}

#[test]
fn a_ping_may_be_five_minutes_old_and_a_lost_one_is_lost_later() {
    let (mut world, id) = ready("[default]\nstory = \"silent\"\nsilent_from = 400");
    let mut ping = |after| {
        world.after(after);
        let by_id = json!({"Filters": [{"Key": "InstanceIds", "Values": [id]}]});
        let found = world.ok("DescribeInstanceInformation", by_id);
        let one = &list(&found, "InstanceInformationList")[0];
        let now = world.now.since(Timestamp::from_millis(0)).as_secs_f64();
        let age = now - one["LastPingDateTime"].as_f64().unwrap();
        format!("{}, {age:.0} s old", text(one, "/PingStatus"))
    };
    assert_eq!(ping(50), "Online, 52 s old");
    assert_eq!(ping(247), "Online, 299 s old");
    assert_eq!(ping(2), "Online, 1 s old");
    assert_eq!(ping(599), "Online, 600 s old");
    assert_eq!(ping(1), "ConnectionLost, 601 s old");
}

#[test]
fn an_unknown_instance_is_no_error_in_instance_information() {
    let (mut world, _) = ready("");
    let found = world.ok(
        "DescribeInstanceInformation",
        json!({"Filters": [{"Key": "InstanceIds", "Values": ["i-0000000000000dead"]}]}),
    );
    assert_eq!(found, json!({"InstanceInformationList": []}));
    assert_eq!(
        world.refused("DescribeInstanceInformation", json!({"Filters": [{"Key": "Nonsense", "Values": ["x"]}]})).0,
        "InvalidFilterKey"
    );
    assert_eq!(world.refused("DescribeInstanceInformation", json!({"MaxResults": 4})).0, "ValidationError");
}
