"""What a run will create and cost, and the user's consent."""

import names
from errors import CannotBegin
from options import list_questions
from speech import tell

# List prices of us-east-1, USD for an hour (aws-facts 11): a t3.micro, its volume of 8 GB, its public IPv4 address.
INSTANCE_HOUR = 0.0104 + 8 * 0.08 / 730 + 0.005
# The rest for an hour: nine alarms and about fifteen metrics, by parts of their monthly price.
STACK_HOUR = (9 * 0.10 + 15 * 0.30) / 730
REQUESTS = 0.01  # Lambda, SQS, S3 and logs, rounded up
USUAL_HOURS = 0.75
# Service-linked; AWS creates it with the first group (aws-facts 9).
STAYS = "AWSServiceRoleForAutoScaling"


def list_creations(account, kinds, options):
    questions = list_questions(options)
    return [
        f"S3 bucket {names.name_bucket(account.id, account.region)}",
        f"stack {names.GATE} (Launchgate: all of template.yaml without the dashboard)",
        f"queue and EventBridge rule {names.QUEUE}",
        *(f"stack {names.make_name(kind['kind'])} (examples/fleet.yaml): {kind['what']}" for kind in kinds),
        *(f"for the question {name}: {what}" for name, what in EXTRAS.items() if name in questions),
    ]


EXTRAS = {
    "silent-agent": "a second instance in the group of agent-last, without the gate",
    "tags": f"CodeDeploy application {names.make_name('tags')}, and a tag on one of the instances",
    "blue-green": f"CodeDeploy application and target group {names.make_name('green')}, and a copied group",
}


def reckon_costs(kinds, options):
    """USD at most: every instance is counted for the whole run."""
    questions = list_questions(options)
    instances = len(kinds) + len({"silent-agent", "blue-green"} & set(questions))
    hours = USUAL_HOURS + (options.silent_minutes / 60 if "silent-agent" in questions else 0)
    return instances * hours * INSTANCE_HOUR + hours * STACK_HOUR + REQUESTS, instances, hours


def tell_plan(account, kinds, options):
    usd, instances, hours = reckon_costs(kinds, options)
    tell(f"Account {account.id} ({account.arn}), Region {account.region}.\n\nThis run creates, and removes at its end:")
    for creation in list_creations(account, kinds, options):
        tell(f"  {creation}")
    tell(f"\nEach has the tag {names.PREFIX}, as far as it takes tags.")
    tell(f"Cost: at most {usd:.2f} USD ({instances} t3.micro for up to {hours:.1f} h, list prices of us-east-1).")
    tell("Removed at the end, after a failure and after ctrl-C. Nothing else in the account is changed.")
    tell(f"If this account has never had an Auto Scaling group, AWS creates the role {STAYS}, which stays.\n")


def ask_consent(account, options):
    if options.yes:
        return
    try:
        answer = input(f"Type the account id {account.id} to go on, anything else to end: ")
    except EOFError:
        answer = ""
    if answer.strip() != account.id:
        raise CannotBegin("nothing was created")
