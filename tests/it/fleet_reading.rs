//! What documents take, and how results and registrations are read, under moved time.

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
        let members =
            json!({"DocumentName": "readiness", "InstanceIds": [id], "Parameters": parameters});
        assert_eq!(
            world.refused("SendCommand", members).0,
            "InvalidParameters",
            "{parameters}"
        );
    }
    let bad = [
        json!({"TimeoutSeconds": 29}),
        json!({"MaxErrors": "101%"}),
        json!({"MaxConcurrency": "0"}),
        json!({"Comment": "c".repeat(101)}),
    ];
    for more in bad {
        let mut members = json!({"DocumentName": "readiness", "InstanceIds": [id]});
        members
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        assert_eq!(
            world.refused("SendCommand", members).0,
            "ValidationError",
            "{more}"
        );
    }
}

#[test]
fn documents_are_read_when_they_are_created() {
    let mut world = World::new();
    let create =
        |content: &str| json!({"Name": "doc", "DocumentFormat": "YAML", "Content": content});
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
        assert_eq!(
            world.refused("CreateDocument", create(content)).0,
            code,
            "{content}"
        );
    }
    world.ok(
        "CreateDocument",
        create("schemaVersion: '2.2'\nmainSteps: [{action: x, name: probe}]"),
    );
    assert_eq!(
        world.refused("CreateDocument", create("x")).0,
        "DocumentAlreadyExists"
    );
}

#[test]
fn output_is_cut_at_its_head_and_real_scripts_are_handed_out() {
    let (mut world, id) = ready("[default]\nstory = \"real\"\nreal = true");
    let command = world.send(
        "readiness",
        &[&id],
        json!({"Parameters": {"waitSeconds": ["7"]}}),
    );
    world.after(1);
    let script = world.fleet.take_scripts().remove(0);
    assert_eq!(
        script.script, "echo required {{waitSeconds}}\nexit 0",
        "ENV_VAR parameters are not written into the script"
    );
    assert_eq!(script.environment["SSM_waitSeconds"], "7");
    assert_eq!(
        (script.timeout.as_secs(), script.instance.as_str()),
        (60, id.as_str())
    );
    assert!(world.fleet.host(&id, world.now).is_some());
    let now = world.now;
    world.fleet.finish_script(
        now,
        &command,
        &id,
        3,
        "o".repeat(30_000),
        "e".repeat(30_000),
    );
    let got = world.invocation(&command, &id);
    assert_eq!(
        (
            text(&got, "/StandardOutputContent").len(),
            text(&got, "/StandardErrorContent").len()
        ),
        (24_000, 8_000)
    );
    let listed = world.ok(
        "ListCommandInvocations",
        json!({"CommandId": command, "Details": true}),
    );
    assert_eq!(
        text(&listed, "/CommandInvocations/0/CommandPlugins/0/Output").len(),
        2_500
    );
    assert_eq!(
        listed.pointer("/CommandInvocations/0/CommandPlugins/0/ResponseCode"),
        Some(&json!(3))
    );
    world
        .fleet
        .finish_script(now, &command, &id, 0, String::new(), String::new());
    assert_eq!(
        world.status(&command, &id).0,
        "Failed",
        "the second end comes to nothing"
    );
}

#[test]
fn invocations_are_listed_newest_first_page_by_page() {
    let (mut world, id) = ready("");
    let sent: Vec<String> = (0..5)
        .map(|_| world.send("readiness", &[&id], json!({})))
        .collect();
    world.send("install-agent", &[&id], json!({}));
    world.after(1);
    let filter = json!([{"key": "DocumentName", "value": "readiness"}]);
    let first = world.ok(
        "ListCommandInvocations",
        json!({"Filters": filter, "MaxResults": 3}),
    );
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
    assert_eq!(
        ids,
        sent.into_iter().rev().collect::<Vec<_>>(),
        "whatever is sent meanwhile"
    );
    let after = world.now.to_string();
    let later = world.ok(
        "ListCommandInvocations",
        json!({"Filters": [{"key": "InvokedAfter", "value": after}]}),
    );
    assert_eq!(list(&later, "CommandInvocations").len(), 0);
    assert_eq!(
        world
            .refused("ListCommandInvocations", json!({"NextToken": "x"}))
            .0,
        "InvalidNextToken"
    );
    assert_eq!(
        world
            .refused("ListCommandInvocations", json!({"MaxResults": 51}))
            .0,
        "ValidationError"
    );
}

#[test]
fn a_ping_may_be_five_minutes_old_and_a_lost_one_is_lost_later() {
    let (mut world, id) = ready("[default]\nstory = \"silent\"\nsilent_from = 400");
    let mut ping = |seconds| {
        world.after(seconds);
        let found = world.ok(
            "DescribeInstanceInformation",
            json!({"Filters": [{"Key": "InstanceIds", "Values": [id]}]}),
        );
        let one = &list(&found, "InstanceInformationList")[0];
        (
            text(one, "/PingStatus"),
            world.now.millis() / 1000 - one["LastPingDateTime"].as_f64().unwrap() as i64,
        )
    };
    assert_eq!(ping(50), ("Online".to_owned(), 52));
    for _ in 0..4 {
        ping(50);
    }
    assert_eq!(ping(40), ("Online".to_owned(), 292));
    assert_eq!(ping(10), ("Online".to_owned(), 2));
    for _ in 0..11 {
        assert_eq!(ping(50).0, "Online");
    }
    assert_eq!(ping(50).0, "ConnectionLost");
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
        world
            .refused(
                "DescribeInstanceInformation",
                json!({"Filters": [{"Key": "Nonsense", "Values": ["x"]}]})
            )
            .0,
        "InvalidFilterKey"
    );
    assert_eq!(
        world
            .refused("DescribeInstanceInformation", json!({"MaxResults": 4}))
            .0,
        "ValidationError"
    );
}
