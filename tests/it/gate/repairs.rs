//! Repairs, from the finding to the line that tells of them.

use launchgate_tests::fleet::What;
use serde_json::json;

use super::world::World;

const BARE: &str = r#"
[[launch]]
story = "bare"
agent = [[0, "missing"]]
repair_takes = 41
"#;

#[tokio::test]
async fn what_was_mended_stands_in_the_line_of_the_launch() {
    let mut world = World::new(&json!({}), BARE).await;
    world.scale_out(1);
    world.settle().await;
    let line = &world.settled()[0];
    assert_eq!((&line["decision"], &line["repairs"]), (&json!("CONTINUE"), &json!(1)), "{}", world.story());
    assert_eq!(line["mended"][0]["codes"], json!(["agent-missing"]));
    let seconds = line["mended"][0]["seconds"].as_u64().unwrap();
    assert!((41..=45).contains(&seconds), "{seconds}");
}

/// Without the nudge the next look comes with the tick of 15 s: for one of these ends it would be 11 s away, or more.
#[tokio::test]
async fn a_repair_that_ended_is_looked_after_at_once() {
    for takes in [36, 40, 44, 48] {
        let mut world = World::new(&json!({}), &BARE.replace("41", &takes.to_string())).await;
        world.scale_out(1);
        world.settle().await;
        let mended = world.when("bare", |what| *what == What::Repaired).unwrap();
        let completed = world.when("bare", |what| matches!(what, What::Completed { .. })).unwrap();
        assert!(completed - mended <= 10.0, "mended at {mended}, completed at {completed}\n{}", world.story());
    }
}

#[tokio::test]
async fn without_time_to_help_nothing_is_mended() {
    let mut world = World::new(&json!({"ready_within": 100}), BARE).await;
    world.scale_out(1);
    world.settle().await;
    let line = &world.settled()[0];
    assert_eq!((&line["decision"], &line["reason"]), (&json!("ABANDON"), &json!("agent-missing")));
    assert_eq!((&line["repairs"], &line["mended"]), (&json!(0), &json!([])));
}
