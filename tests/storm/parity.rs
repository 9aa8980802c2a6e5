//! Compares the queue and the mapping with ministack's: both run the same small script. Only the outcome is compared
//! and not the times, because ministack uses the real clock and a storm uses tokio's.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use launchgate_tests::fleet::Fleet;
use launchgate_tests::fleet::door::server::{Clock, Server};
use launchgate_tests::queue::{Delivery, Queue};
use launchgate_tests::stack::LocalStack;
use launchgate_tests::stack::files::sample_from;
use launchgate_tests::stack::template::Template;
use lifecycle::Timestamp;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::bus::Bus;
use crate::consumer::Consumer;
use crate::dice::Dice;
use crate::mapping::Mapping;
use crate::weather::Weather;
use crate::world::{START, World};

const VISIBILITY: Duration = Duration::from_secs(1);
const MOST_RECEIVES: u32 = 3;

/// The operations that the script needs of a queue.
trait Sqs {
    async fn send(&mut self, body: &str);
    /// Bodies with their receive counts, in the order of the bodies.
    async fn receive(&mut self) -> BTreeMap<String, u32>;
    async fn delete(&mut self, body: &str);
    async fn let_the_visibility_time_out(&mut self);
    async fn dead_letters(&mut self) -> Vec<String>;
}

/// Two messages; one is deleted, the other comes back until it is a dead letter.
async fn script(queue: &mut impl Sqs) -> Vec<String> {
    let mut seen = Vec::new();
    queue.send("deleted").await;
    queue.send("left").await;
    seen.push(format!("first: {:?}", queue.receive().await));
    seen.push(format!("in flight: {:?}", queue.receive().await));
    queue.delete("deleted").await;
    for look in ["second", "third", "dead"] {
        queue.let_the_visibility_time_out().await;
        seen.push(format!("{look}: {:?}", queue.receive().await));
    }
    seen.push(format!("dead letters: {:?}", queue.dead_letters().await));
    seen
}

/// The queue of the storms.
struct Ours {
    queue: Queue,
    receipts: BTreeMap<String, String>,
    now: Timestamp,
}

impl Sqs for Ours {
    async fn send(&mut self, body: &str) {
        self.queue.send(body.to_owned(), self.now);
    }

    async fn receive(&mut self) -> BTreeMap<String, u32> {
        let received = self.queue.receive(self.now, 10, || VISIBILITY).into_iter().map(|record| {
            let (body, receipt) = (record.body.unwrap(), record.receipt_handle.unwrap());
            self.receipts.insert(body.clone(), receipt);
            (body, record.attributes["ApproximateReceiveCount"].parse().unwrap())
        });
        received.collect()
    }

    async fn delete(&mut self, body: &str) {
        self.queue.delete(&[self.receipts[body].clone()]);
    }

    async fn let_the_visibility_time_out(&mut self) {
        self.now = self.now + VISIBILITY;
    }

    async fn dead_letters(&mut self) -> Vec<String> {
        self.queue.dead_letters.clone()
    }
}

/// A queue of ministack.
struct Theirs<'a> {
    stack: &'a LocalStack,
    queue: Value,
    dead: Value,
    receipts: BTreeMap<String, Value>,
}

impl<'a> Theirs<'a> {
    async fn of(stack: &'a LocalStack) -> Self {
        let dead = stack.sqs("AmazonSQS.CreateQueue", &json!({"QueueName": "dead"})).await.unwrap()["QueueUrl"].clone();
        let asked = json!({"QueueUrl": dead, "AttributeNames": ["QueueArn"]});
        let attributes = stack.sqs("AmazonSQS.GetQueueAttributes", &asked).await.unwrap();
        let arn = &attributes["Attributes"]["QueueArn"];
        let redrive = json!({"deadLetterTargetArn": arn, "maxReceiveCount": MOST_RECEIVES}).to_string();
        let attributes = json!({"VisibilityTimeout": VISIBILITY.as_secs().to_string(), "RedrivePolicy": redrive});
        let made = stack.sqs("AmazonSQS.CreateQueue", &json!({"QueueName": "script", "Attributes": attributes})).await;
        Self { stack, queue: made.unwrap()["QueueUrl"].clone(), dead, receipts: BTreeMap::new() }
    }

    async fn messages(&self, queue: &Value) -> Vec<Value> {
        let asked =
            json!({"QueueUrl": queue, "MaxNumberOfMessages": 10, "AttributeNames": ["ApproximateReceiveCount"]});
        let mut answer = self.stack.sqs("AmazonSQS.ReceiveMessage", &asked).await.unwrap();
        answer["Messages"].as_array_mut().map(std::mem::take).unwrap_or_default()
    }
}

impl Sqs for Theirs<'_> {
    async fn send(&mut self, body: &str) {
        let message = json!({"QueueUrl": self.queue, "MessageBody": body});
        self.stack.sqs("AmazonSQS.SendMessage", &message).await.unwrap();
    }

    async fn receive(&mut self) -> BTreeMap<String, u32> {
        let messages = self.messages(&self.queue).await;
        let received = messages.into_iter().map(|message| {
            let body = message["Body"].as_str().unwrap().to_owned();
            self.receipts.insert(body.clone(), message["ReceiptHandle"].clone());
            let count = message["Attributes"]["ApproximateReceiveCount"].as_str().unwrap().parse().unwrap();
            (body, count)
        });
        received.collect()
    }

    async fn delete(&mut self, body: &str) {
        let message = json!({"QueueUrl": self.queue, "ReceiptHandle": self.receipts[body]});
        self.stack.sqs("AmazonSQS.DeleteMessage", &message).await.unwrap();
    }

    async fn let_the_visibility_time_out(&mut self) {
        sleep(VISIBILITY + Duration::from_millis(200)).await;
    }

    async fn dead_letters(&mut self) -> Vec<String> {
        let dead = self.messages(&self.dead).await;
        dead.iter().map(|message| message["Body"].as_str().unwrap().to_owned()).collect()
    }
}

async fn stack() -> (Server, LocalStack) {
    let fleet = Server::start(Fleet::new(1, START), 0, Clock::moved(START)).await.unwrap().0;
    let stack = LocalStack::start(&fleet.url).await.unwrap();
    (fleet, stack)
}

#[tokio::test]
async fn the_queue_is_as_ministacks() {
    let delivery = Delivery { most_receives: MOST_RECEIVES, ..Delivery::TEMPLATE };
    let mut ours = Ours { queue: Queue::new(delivery), receipts: BTreeMap::new(), now: START };
    let said = script(&mut ours).await;
    assert_eq!(said[2..4], [r#"second: {"left": 2}"#, r#"third: {"left": 3}"#], "{said:?}");
    let (_fleet, stack) = stack().await;
    assert_eq!(script(&mut Theirs::of(&stack).await).await, said);
}

/// What the gate's lines tell of the batches: messages, those dropped, those open. One cannot be read and is deleted,
/// a launch that waits comes back by itself after the visibility timeout, counted again.
fn told(lines: &[Value]) -> Vec<String> {
    let batches = lines.iter().filter(|line| line.get("messages").is_some());
    let number = |line: &Value, name: &str| line[name].as_u64().unwrap_or_default();
    let looks = batches.map(|line| ["messages", "dropped", "open"].map(|name| number(line, name)));
    // Whether the two messages come in one batch at first is a matter of chance.
    let mut first = [0; 3];
    let mut told = Vec::new();
    for look in looks {
        if first[0] < 2 {
            first.iter_mut().zip(look).for_each(|(sum, number)| *sum += number);
        } else {
            told.push(format!("{look:?}"));
        }
    }
    told.insert(0, format!("{first:?}"));
    told
}

fn launch(now: Timestamp) -> String {
    let mut event = sample_from("launch-ec2-to-group", "us-east-1", "000000000000").unwrap();
    event["time"] = json!(now.to_string());
    event.to_string()
}

async fn our_lines() -> Vec<Value> {
    let bus = Bus::of_template(&Template::read().unwrap(), false);
    let world = World::new(Fleet::new(1, START), bus, Dice::of(1, "parity"), Weather::calm(), None);
    world.with(|inner, now| ["not an event".to_owned(), launch(now)].map(|body| inner.queue.send(body, now)));
    let mut mapping = Mapping::of(&world);
    let tick = Delivery::TEMPLATE.tick;
    while world.elapsed() < tick + Duration::from_secs(3) {
        mapping.turn();
        world.wait(Some(world.now() + Duration::from_millis(50))).await;
    }
    world.with(|inner, _| inner.lines.clone())
}

#[test]
fn the_mapping_is_as_ministacks() {
    let paused = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let ours = told(&tokio::task::LocalSet::new().block_on(&paused, our_lines()));
    assert_eq!(ours, ["[2, 1, 1]", "[1, 0, 1]"]);
    let real = tokio::runtime::Runtime::new().unwrap();
    assert_eq!(real.block_on(their_lines(ours.len())), ours);
}

fn wall_clock() -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap())
}

async fn their_lines(batches: usize) -> Vec<String> {
    let (_fleet, mut stack) = stack().await;
    stack.deploy(&[]).await.unwrap();
    stack.send_message("not an event").await.unwrap();
    stack.send_message(&launch(wall_clock())).await.unwrap();
    let stack = Arc::new(stack);
    let said = async {
        loop {
            let lines: Vec<Value> =
                stack.log_lines().await.unwrap().iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
            let told = told(&lines);
            if told.len() >= batches {
                return told;
            }
            sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(Duration::from_mins(1), said).await.unwrap()
}
