//! What the log says of instances while they are held.

use serde_json::{Value, json};

use super::verdicts::begin;

/// The launch is settled after its deadline of 300 s.
#[tokio::test(start_paused = true)]
async fn a_held_instance_leaves_a_line_each_minute_until_it_is_settled() {
    for launch_messages in [true, false] {
        let story = "ssm = { disk_full = true }";
        let mut world = begin(&json!({"ready_within": 300}), 600, story, 0, false);
        world.launch_messages = launch_messages;
        world.scale_out(2);
        world.pass(280).await;
        let lines = world.lines("waiting");
        let of = |instance: &Value| lines.iter().filter(|line| line["instance"] == *instance).collect::<Vec<_>>();
        let first = of(&lines[0]["instance"]);
        assert!((4..=5).contains(&first.len()), "{lines:#?}");
        assert_eq!(lines.len(), 2 * first.len(), "the other instance has as many");
        let seconds: Vec<u64> = first.iter().map(|line| line["seconds"].as_u64().unwrap()).collect();
        assert!(seconds.windows(2).all(|pair| (58..=62).contains(&(pair[1] - pair[0]))), "{seconds:?}");
        let last = first.last().unwrap();
        assert_eq!((&last["reason"], &last["rule"]), (&json!("disk-full"), &json!("transient")), "{last}");
        assert_eq!(last["left_out"], 0);
        assert!(last["runs"].as_u64().unwrap() > 0, "{last}");
        world.pass(1800).await;
        let told = world.lines("waiting").len();
        assert_eq!(world.settled().len(), 2, "{}", world.story());
        world.pass(300).await;
        assert_eq!(world.lines("waiting").len(), told, "what is settled leaves no more lines");
    }
}
