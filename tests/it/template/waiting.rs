//! Checks the queues: the tick, the time that a message can wait, and the time that a batch can take.

use launchgate_tests::stack::template::Template;
use serde_json::{Value, json};

use super::{FUNCTION, named, number, template, text};

/// The most receives that SQS allows (and ministack too).
const MOST_RECEIVES: u64 = 1_000;

/// Receives for the hand-over to succeed in: those of throttled and failed invocations count as well.
const SPARE_RECEIVES: u64 = 60;

fn mapping(template: &Template) -> Value {
    let events = template.property(FUNCTION, "/Events");
    let events = events.as_object().unwrap();
    assert_eq!(events.len(), 1, "the launch queue is the only source");
    events["Launches"]["Properties"].clone()
}

/// The wait has no end that the queue sets: before SQS takes a waiting message for poison, the code lets it go, and the
/// sweep looks at the instance every minute for as long as it waits.
#[test]
fn a_long_wait_is_handed_to_the_sweep_before_its_message_becomes_a_dead_letter() {
    let template = template();
    let receives = number(&template.property("LaunchQueue", "/RedrivePolicy/maxReceiveCount"));
    let hand_over = named(r"const HAND_OVER: u32 = (\d+);", &text("functions/launch-gate/src/response.rs"));
    let hand_over: u64 = hand_over.first().expect("response.rs says when").parse().unwrap();
    assert!(receives <= MOST_RECEIVES && hand_over + SPARE_RECEIVES <= receives, "{hand_over} of {receives}");
    assert_eq!(template.property("SweepRule", "/ScheduleExpression"), "rate(1 minute)");
}

#[test]
fn nobody_takes_the_dead_letters_and_an_alarm_tells_of_them() {
    let template = template();
    let dead_letters = template.property("LaunchQueue", "/RedrivePolicy/deadLetterTargetArn/Fn::GetAtt");
    assert_eq!(dead_letters, "DeadLetterQueue.Arn");
    assert_eq!(mapping(&template)["Queue"], json!({"Fn::GetAtt": "LaunchQueue.Arn"}));
    let alarm = template.property("DeadLetterAlarm", "/Dimensions/0/Value/Fn::GetAtt");
    assert_eq!(alarm, "DeadLetterQueue.QueueName");
}

#[test]
fn the_tick_that_the_code_reckons_with_is_the_queue_s() {
    let template = template();
    let told = number(&template.property(FUNCTION, "/Environment/Variables/TICK_SECONDS"));
    assert_eq!(told, number(&template.property("LaunchQueue", "/VisibilityTimeout")));
}

/// A message may be held for one invocation before its own begins.
#[test]
fn no_message_reappears_while_it_is_looked_at() {
    let template = template();
    let timeout = number(&template.property(FUNCTION, "/Timeout"));
    let visibility = number(&template.property("LaunchQueue", "/VisibilityTimeout"));
    assert!(2 * timeout <= visibility, "twice {timeout} s in {visibility} s");
}

/// A window above 0 may last 20 s on a quiet queue, whatever it says (aws-facts 7.1).
#[test]
fn the_mapping_has_no_window() {
    assert_eq!(mapping(&template())["MaximumBatchingWindowInSeconds"], Value::Null);
}

/// The function receives from the queue that delivers to it, and deletes there.
#[test]
fn the_function_knows_its_own_queue() {
    assert_eq!(template().property(FUNCTION, "/Environment/Variables/QUEUE_URL"), json!({"Ref": "LaunchQueue"}));
}

/// ministack neither checks these nor behaves by them.
#[test]
fn lambda_takes_the_mapping() {
    let mapping = mapping(&template());
    let size = number(&mapping["BatchSize"]);
    assert!(size <= 10, "a batch of more than 10 needs a window");
    assert!(number(&mapping["ScalingConfig"]["MaximumConcurrency"]) >= 2);
    assert_eq!(mapping["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
}
