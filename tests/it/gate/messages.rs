//! Parses the samples of `events/` as messages of the launch queue.

use launchgate_tests::stack::files::sample;
use lifecycle::event::{Destination, Event, parse};
use serde_json::json;

fn read(name: &str) -> Event {
    parse(sample(name).unwrap().to_string().as_bytes(), None).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_launch_is_read_whatever_way_it_came() {
    for (name, destination) in [
        ("launch-ec2-to-group", None),
        ("launch-with-origin", Some(Destination::Service)),
        ("launch-into-warm-pool", Some(Destination::Pool)),
        ("launch-from-warm-pool", Some(Destination::Service)),
        ("launch-with-milliseconds", None),
        ("flat-lifecycle-message", None),
        ("flat-with-warm-pool", Some(Destination::Service)),
        ("sns-wrapped-lifecycle-message", None),
    ] {
        let Event::Launch(launch) = read(name) else { panic!("{name} is no launch") };
        assert_eq!(launch.destination, destination, "{name}");
        assert_eq!(launch.hook, "launchgate", "{name}");
        assert!(launch.token.is_some(), "{name}");
    }
}

#[test]
fn a_launch_keeps_its_fraction_of_a_second() {
    let Event::Launch(launch) = read("launch-with-milliseconds") else { panic!() };
    assert_eq!(json!(launch.began), sample("launch-with-milliseconds").unwrap()["time"]);
}

#[test]
fn nudges_name_their_instance() {
    for name in [
        "command-invocation-success",
        "command-invocation-failed",
        "managed-instance-registration",
        "codedeploy-instance-success",
        "codedeploy-instance-failure",
    ] {
        assert!(matches!(read(name), Event::Nudge(_)), "{name}");
    }
}

#[test]
fn the_rest_concerns_no_launch() {
    for name in ["terminate-action", "test-notification", "sns-wrapped-test-notification", "command-status-change"] {
        assert!(matches!(read(name), Event::Unconcerned(_)), "{name}");
    }
    assert_eq!(read("sweep"), Event::Sweep);
    let Event::Deployed(success) = read("codedeploy-deployment-success") else { panic!() };
    assert_eq!((success.deployment.as_str(), success.deployment_group.as_str()), ("d-4KQ7XZ1TB", "shop-web"));
    let Event::Launch(other) = read("launch-other-hook") else { panic!() };
    assert_ne!(other.hook, "launchgate");
}
