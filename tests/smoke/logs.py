"""Follows the log of launch-gate."""

import datetime
import json

from botocore.exceptions import ClientError


class Log:
    def __init__(self, account, group):
        self.account, self.group = account, group
        self.lines = []  # (moment, line), in the order in which they were found
        self.known = set()
        self.asked_from = 0

    def read(self):
        """From the newest line that was seen a minute before: a line may show up late, beside others."""
        pages = self.account.client("logs").get_paginator("filter_log_events")
        try:
            for page in pages.paginate(logGroupName=self.group, startTime=self.asked_from):
                for event in page["events"]:
                    self.take(event)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise

    def take(self, event):
        key = (event.get("logStreamName"), event["timestamp"], event["message"])
        if key in self.known:
            return
        self.known.add(key)
        self.asked_from = max(self.asked_from, event["timestamp"] - 60_000)
        try:
            line = json.loads(event["message"])
        except ValueError:
            return  # Lambda's own
        moment = datetime.datetime.fromtimestamp(event["timestamp"] / 1000, datetime.timezone.utc)
        self.lines.append((moment, line))

    def find(self, **members):
        return [
            (moment, line)
            for moment, line in self.lines
            if isinstance(line, dict) and all(line.get(key) == value for key, value in members.items())
        ]
