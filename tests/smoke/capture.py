"""Keeps the events that AWS sends while the run lasts: a queue, and an EventBridge rule that fills it."""

import datetime
import json

import names

SOURCES = ["aws.autoscaling", "aws.ssm", "aws.codedeploy", "aws.tag"]
# Of ten messages each. A busy account may fill the queue as fast as it is read; the next look goes on.
BATCHES_OF_A_LOOK = 100


class Capture:
    def __init__(self, account):
        self.account, self.url = account, None
        self.events = []  # (event, when the queue got it)

    def create(self, ledger, run):
        sqs, events = self.account.client("sqs"), self.account.client("events")
        with ledger.creating("queue", names.QUEUE):
            self.url = sqs.create_queue(QueueName=names.QUEUE, tags=names.make_tags(run))["QueueUrl"]
        queue = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern = json.dumps({"source": SOURCES})
        with ledger.creating("rule", names.RULE):
            rule = events.put_rule(Name=names.RULE, EventPattern=pattern, Tags=names.list_tags(run))["RuleArn"]
            sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": write_policy(queue, rule)})
            events.put_targets(Rule=names.RULE, Targets=[{"Id": "queue", "Arn": queue}])

    def read(self):
        if not self.url:
            return
        sqs = self.account.client("sqs")
        for _ in range(BATCHES_OF_A_LOOK):
            messages = self.receive(sqs)
            if not messages:
                return
            self.events += [(json.loads(message["Body"]), read_moment(message)) for message in messages]
            done = [{"Id": str(at), "ReceiptHandle": message["ReceiptHandle"]} for at, message in enumerate(messages)]
            sqs.delete_message_batch(QueueUrl=self.url, Entries=done)

    def receive(self, sqs):
        asked = {"QueueUrl": self.url, "MaxNumberOfMessages": 10, "AttributeNames": ["SentTimestamp"]}
        return sqs.receive_message(**asked).get("Messages", [])

    def list_own(self, instances):
        """The events that name one of these instances, or a thing of this run: the rule hears of the whole account."""
        own = (names.PREFIX, *instances)
        return [(event, sent) for event, sent in self.events if any(name in json.dumps(event) for name in own)]


def write_policy(queue, rule):
    statement = {
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage", "Resource": queue, "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def read_moment(message):
    millis = int(message["Attributes"]["SentTimestamp"])
    return datetime.datetime.fromtimestamp(millis / 1000, datetime.timezone.utc)


def read_time(event):
    return datetime.datetime.fromisoformat(event["time"])
