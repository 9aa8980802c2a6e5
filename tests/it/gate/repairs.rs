//! Tests a repair from the finding that causes it to the log line that reports it.

use launchgate_tests::fleet::What;
use serde_json::json;

use super::world::World;

const BARE: &str = r#"
[[launch]]
story = "bare"
agent = [[0, "missing"]]
repair_takes = 41
"#;

#[tokio::test(start_paused = true)]
async fn what_was_mended_stands_in_the_line_of_the_launch() {
    let mut world = World::new(&json!({}), BARE);
    world.scale_out(1);
    world.settle().await;
    let line = &world.settled()[0];
    assert_eq!((&line["decision"], &line["repairs"]), (&json!("CONTINUE"), &json!(1)), "{}", world.story());
    assert_eq!(line["mended"][0]["codes"], json!(["agent-missing"]));
    let seconds = line["mended"][0]["seconds"].as_u64().unwrap();
    assert!((41..=45).contains(&seconds), "{seconds}");
}

/// Without the nudge the next look comes at the next tick. Ticks are 15 s apart, so for one of these repairs the look
/// would come 11 s late or later.
#[tokio::test(start_paused = true)]
async fn a_repair_that_ended_is_looked_after_at_once() {
    for takes in [36, 40, 44, 48] {
        let mut world = World::new(&json!({}), &BARE.replace("41", &takes.to_string()));
        world.scale_out(1);
        world.settle().await;
        let mended = world.when("bare", |what| *what == What::Repaired).unwrap();
        let completed = world.when("bare", |what| matches!(what, What::Completed { .. })).unwrap();
        assert!(completed - mended <= 10.0, "mended at {mended}, completed at {completed}\n{}", world.story());
    }
}

#[tokio::test(start_paused = true)]
async fn without_time_to_help_nothing_is_mended() {
    let mut world = World::new(&json!({"ready_within": 100}), BARE);
    world.scale_out(1);
    world.settle().await;
    let line = &world.settled()[0];
    assert_eq!((&line["decision"], &line["reason"]), (&json!("ABANDON"), &json!("agent-missing")));
    assert_eq!((&line["repairs"], &line["mended"]), (&json!(0), &json!([])));
}

/// After two failed repairs the gate abandons the launch without waiting for `ready_within`. The line has the output of
/// the second repair.
#[tokio::test(start_paused = true)]
async fn what_two_repairs_could_not_mend_is_ended_early_and_told() {
    let mut world = World::new(&json!({}), &(BARE.to_owned() + "repair = \"fails\"\n"));
    world.scale_out(1);
    world.completed().await;
    assert!(world.elapsed() < 200, "{}", world.story());
    world.settle().await;
    let line = &world.settled()[0];
    let told = (&line["decision"], &line["rule"], &line["reason"], &line["repairs"], &line["mended"]);
    let expected = (&json!("ABANDON"), &json!("repairable"), &json!("agent-missing"), &json!(2), &json!([]));
    assert_eq!(told, expected, "{}", world.story());
    let evidence = line["evidence"].as_str().unwrap();
    assert!(evidence.contains("== the last repair, step mend\n"), "{evidence}");
}

#[tokio::test(start_paused = true)]
async fn a_repair_waits_for_the_network_that_it_needs() {
    let late = BARE.to_owned() + "network = [[0, \"no-route\"], [100, \"open\"]]\n";
    let mut world = World::new(&json!({}), &late);
    world.scale_out(1);
    world.settle().await;
    let line = &world.settled()[0];
    assert_eq!((&line["decision"], &line["repairs"]), (&json!("CONTINUE"), &json!(1)), "{}", world.story());
    let repair = |what: &What| matches!(what, What::RunSent { document, .. } if document == "install-agent");
    assert!(world.when("bare", repair).unwrap() >= 100.0, "{}", world.story());
}

#[tokio::test(start_paused = true)]
async fn where_nothing_can_be_mended_any_more_somebody_else_s_mending_is_not_missed() {
    // The first run waits until 68 s; after it, the next begins with the tick at 91 s.
    for (mended, ready_by) in [(60, 62), (70, 93)] {
        let polling = format!("[[0, \"missing\"], [{mended}, \"polling\"]]");
        let mut world = World::new(&json!({"ready_within": 100}), &BARE.replace("[[0, \"missing\"]]", &polling));
        world.scale_out(1);
        world.settle().await;
        let line = &world.settled()[0];
        assert_eq!((&line["decision"], &line["repairs"]), (&json!("CONTINUE"), &json!(0)), "{}", world.story());
        assert!(line["seconds_to_ready"].as_u64().unwrap() <= ready_by, "{}", world.story());
    }
}
