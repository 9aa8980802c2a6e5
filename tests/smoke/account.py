"""The account and the Region of the run, and a client for each service."""

import datetime
import email.utils
import os

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from errors import CannotBegin

# What AWS refuses, and what never gets there: no credentials, no connection.
AWS_FAILS = (ClientError, BotoCoreError)
# What AWS says of a thing that is not there.
GONE = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "does not exist", "not found")
SETTINGS = Config(retries={"mode": "standard", "max_attempts": 6}, connect_timeout=10, read_timeout=60)


class Account:
    """Endpoints come from the environment (AWS_ENDPOINT_URL_<SERVICE>), as for every tool of AWS."""

    def __init__(self):
        self.clients = {}
        try:
            # boto3 heeds AWS_DEFAULT_REGION only, other tools of AWS AWS_REGION first.
            self.session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
            self.region = self.session.region_name
            if not self.region:
                raise CannotBegin("no Region is set: set AWS_REGION, AWS_DEFAULT_REGION, or `region` in ~/.aws/config")
            caller = self.client("sts").get_caller_identity()
        except AWS_FAILS as error:
            told = f"AWS does not take the credentials: {error}. `aws sts get-caller-identity` must work"
            raise CannotBegin(told) from error
        self.id, self.arn = caller["Account"], caller["Arn"]
        self.clock_ahead = measure_clock(caller)

    def client(self, service):
        if service not in self.clients:
            self.clients[service] = self.session.client(service, config=SETTINGS)
        return self.clients[service]

    def now(self):
        """The time by the clock of AWS. It may be off by two seconds: AWS told it in whole seconds."""
        return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=self.clock_ahead)


def measure_clock(answer):
    """By how many seconds this machine's clock is ahead; 0 if it cannot be told from the rounding of the header."""
    told = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    if not told:
        return 0
    ahead = datetime.datetime.now(datetime.timezone.utc) - email.utils.parsedate_to_datetime(told)
    return round(ahead.total_seconds()) if abs(ahead.total_seconds()) > 2 else 0


def is_refused(error, *parts):
    """Whether AWS's answer has one of these words in its code or message."""
    told = error.response["Error"]
    return any(part in f"{told.get('Code')} {told.get('Message')}" for part in parts)


def is_gone(error):
    """Whether AWS says that the thing is not there."""
    return isinstance(error, ClientError) and is_refused(error, *GONE)
