//! Tests what runs of the install document report and repair for each story. The test moves the fleet's clock.

use std::collections::BTreeSet;

use lifecycle::Timestamp;
use serde_json::{Value, json};

use crate::fleet_reports::report;
use crate::fleet_steps::{overall, plugins};
use crate::fleet_world::{list, ready, text};

/// A repair of a story: its parameters, the seconds it takes at most, and what comes of it.
struct Case {
    story: &'static str,
    given: &'static str,
    seconds: u64,
    /// The exit codes of its steps.
    steps: [i64; 3],
    /// The findings of its report.
    found: &'static [&'static str],
    details: &'static str,
    /// Whether the instance is ready then.
    ready: bool,
}

const fn case(story: &'static str, given: &'static str, seconds: u64) -> Case {
    Case { story, given, seconds, steps: [0, 0, 0], found: &[], details: "Success", ready: true }
}

const MISSING: &str = "agent = [[0, \"missing\"]]";
const JAVA: &str = r#"{"packages": ["java"]}"#;
const HASTE: &str = r#"{"waitSeconds": ["20"]}"#;

const CASES: [Case; 17] = [
    Case { steps: [168, 0, 0], ..case(MISSING, "{}", 7) },
    Case { steps: [168, 0, 0], ..case("agent = [[0, \"missing\"]]\ndistributor = \"hangs\"", "{}", 7) },
    case("agent = [[0, \"missing\"]]\nregion = false", "{}", 8),
    Case {
        steps: [0, 1, 10],
        found: &["install-failed"],
        details: "Failed",
        ready: false,
        ..case("agent = [[0, \"missing\"]]\nregion = false\ndistributor = false", "{}", 8)
    },
    Case {
        steps: [0, 1, 10],
        found: &["install-failed"],
        details: "Failed",
        ready: false,
        ..case("agent = [[0, \"missing\"]]\nregion = false\ndistributor = \"throttled\"", "{}", 58)
    },
    Case {
        steps: [0, 1, 10],
        found: &["install-failed"],
        details: "Failed",
        ready: false,
        ..case("agent = [[0, \"missing\"]]\nrepair = \"fails\"", "{}", 8)
    },
    Case { steps: [168, 0, 0], ..case("agent = [[0, \"missing\"]]\nrepair = [\"works\", \"fails\"]", "{}", 7) },
    Case { steps: [168, 0, 0], ..case("agent = [[0, \"stopped\"]]", "{}", 7) },
    Case {
        steps: [169, 0, 0],
        found: &["agent-no-worker"],
        details: "Failed",
        ready: false,
        ..case("agent = [[0, \"no-worker\"]]\nrepair = \"fails\"", "{}", 7)
    },
    Case { steps: [168, 0, 0], ..case("", "{}", 2) },
    Case { steps: [168, 0, 0], ..case("", JAVA, 7) },
    Case {
        steps: [169, 0, 0],
        found: &["package-missing", "install-failed"],
        details: "Failed",
        ready: false,
        ..case("repair = \"fails\"", JAVA, 7)
    },
    Case { steps: [168, 0, 0], ..case(MISSING, JAVA, 12) },
    Case {
        steps: [168, 0, 0],
        ..case("agent = [[0, \"missing\"]]\npackage_lock = [0, 60]", r#"{"waitSeconds": ["60"]}"#, 58)
    },
    Case {
        steps: [169, 0, 0],
        found: &["package-lock-held"],
        details: "Failed",
        ready: false,
        ..case("agent = [[0, \"missing\"]]\npackage_lock = [0, 600]", HASTE, 24)
    },
    Case {
        steps: [169, 0, 0],
        found: &["install-busy"],
        details: "Failed",
        ready: false,
        ..case("agent = [[0, \"missing\"]]\nother_repair = [0, 600]", HASTE, 24)
    },
    Case { steps: [168, 0, 0], ready: false, ..case(MISSING, r#"{"agent": ["ignored"]}"#, 2) },
];

/// The exit codes of the steps of a repair, its report, its details, and whether the instance is ready then.
fn repaired(story: &str, given: &Value, seconds: u64) -> (Vec<i64>, Value, String, bool) {
    let (mut world, id) = ready(&format!("[default]\nstory = \"it\"\nboots = 1\n{story}"));
    world.fleet.settings.distributor_sleeps = Default::default();
    let asked = given.get("packages").cloned().unwrap_or_else(|| json!([""]));
    let command = world.send("mends", &[&id], json!({"Parameters": given}));
    world.after(seconds);
    let told = plugins(&mut world, &command, &id);
    let said = told.iter().find_map(|(_, _, _, output)| serde_json::from_str(output.lines().next()?).ok());
    let details = overall(&mut world, &command, &id);
    let probe = world.send("readiness", &[&id], json!({"Parameters": {"packages": asked}}));
    world.after(3);
    let ready = report(&mut world, &probe, &id)["ready"] == true;
    (told.iter().map(|(_, _, code, _)| *code).collect(), said.unwrap_or_default(), details, ready)
}

#[test]
fn a_repair_goes_the_way_that_the_story_has_for_it() {
    for case in CASES {
        let given = serde_json::from_str(case.given).unwrap();
        let (steps, report, details, ready) = repaired(case.story, &given, case.seconds);
        let name = format!("{} {given}: {report}", case.story);
        let found: Vec<String> = list(&report, "findings").iter().map(|finding| text(finding, "/code")).collect();
        assert_eq!((steps.as_slice(), details.as_str(), ready), (&case.steps[..], case.details, case.ready), "{name}");
        assert_eq!((found, &report["ready"]), (to_owned(case.found), &json!(case.found.is_empty())), "{name}");
    }
}

fn to_owned(codes: &[&str]) -> Vec<String> {
    codes.iter().map(ToString::to_string).collect()
}

#[test]
fn a_repair_that_is_lost_leaves_no_report() {
    let told = repaired("agent = [[0, \"missing\"]]\nrepair = \"lost\"", &json!({}), 8);
    assert_eq!(told, (vec![5, 1, 5], Value::Null, "Failed".to_owned(), false));
}

#[test]
fn distributor_sleeps_for_1_to_15_s_before_it_begins() {
    let mut ends = BTreeSet::new();
    let story = "[default]\nstory = \"it\"\nboots = 1\nagent = [[0, \"missing\"]]\nregion = false\nrepair = \"fails\"";
    let (mut world, id) = ready(story);
    for _ in 0..20 {
        let command = world.send("mends", &[&id], json!({}));
        let begun = world.now;
        world.after(2);
        assert_eq!(overall(&mut world, &command, &id), "In Progress");
        world.after(20);
        let ended = text(&world.ok("GetCommandInvocation", step(&command, &id)), "/ExecutionEndDateTime");
        ends.insert(Timestamp::parse(&ended).unwrap().since(begun).as_secs());
    }
    assert!(ends.len() > 5 && ends.iter().all(|took| (3..=17).contains(took)), "{ends:?}");
}

fn step(command: &str, id: &str) -> Value {
    json!({"CommandId": command, "InstanceId": id, "PluginName": "distributor"})
}

#[test]
fn distributor_that_gets_no_answer_has_no_end_and_holds_no_turn() {
    let missing = "agent = [[0, \"missing\"], [60, \"stopped\"]]\nregion = false";
    let (mut world, id) = ready(&format!("[default]\nstory = \"it\"\nboots = 1\n{missing}\ndistributor = \"hangs\""));
    let command = world.send("mends", &[&id], json!({}));
    world.after(60);
    let other = world.send("mends", &[&id], json!({"Parameters": {"waitSeconds": ["10"]}}));
    world.after(48 * 3600);
    let told: Vec<_> =
        plugins(&mut world, &command, &id).into_iter().map(|(_, status, code, _)| (status, code)).collect();
    let of = |status: &str, code| (status.to_owned(), code);
    assert_eq!(told, [of("Success", 0), of("InProgress", -1), of("Pending", -1)]);
    assert_eq!(overall(&mut world, &command, &id), "In Progress");
    assert_eq!(overall(&mut world, &other, &id), "Success");
}

#[test]
fn a_second_repair_of_an_instance_waits_for_the_first() {
    let story = "[default]\nstory = \"it\"\nboots = 1\nagent = [[0, \"missing\"]]\nrepair_takes = 30";
    let (mut world, id) = ready(story);
    world.fleet.settings.distributor_sleeps = Default::default();
    let first = world.send("mends", &[&id], json!({}));
    let second = world.send("mends", &[&id], json!({}));
    let hasty = world.send("mends", &[&id], json!({"Parameters": {"waitSeconds": ["10"]}}));
    world.after(29);
    assert_eq!(overall(&mut world, &second, &id), "In Progress");
    assert!(plugins(&mut world, &hasty, &id)[0].3.contains("install-busy"));
    world.after(3);
    assert_eq!(overall(&mut world, &first, &id), "Success");
    let told = plugins(&mut world, &second, &id);
    assert_eq!((told[0].2, told[0].3.contains("\"waited_s\":30")), (168, true), "{told:?}");
}
