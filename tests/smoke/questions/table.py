"""The open questions, each with its section of docs/aws-facts.md."""

from questions import blue_green, quiet_queue, silent_agent, tags, told
from questions.common import guard

# What must be done to get the answer.
ASKED = {module.KEY: module.ask for module in (silent_agent, tags, quiet_queue, blue_green)}
TEXTS = {
    "silent-agent": ("3.3, U5", "How long does CodeDeploy wait for a silent agent at a launch?"),
    "tags": ("12.6, U1", "How long do tags lag in a deployment by tag?"),
    "quiet-queue": ("7.1", "How long does a message wait in the quiet launch queue?"),
    "blue-green": ("14, U7", "Does a blue/green deployment with COPY_AUTO_SCALING_GROUP copy a custom launch hook?"),
}
REGISTRATION = "Is `SSM Managed Instance Registration` sent for EC2 instances, and what is its payload?"
# What the run has seen anyway.
TOLD = [
    ("1.6", REGISTRATION, told.tell_registration_event),
    ("6.1", "How long from launch to registration? Have EC2 instances a RegistrationDate?", told.tell_registration),
    ("1.0", "How late do events come?", told.tell_delays),
    ("1.1", "Does a hook with its own target (CodeDeploy's) send the EventBridge event too?", told.tell_managed_hook),
    ("1.1", "Have events of groups without a warm pool Origin and Destination?", told.tell_origin),
    ("1.3", "What does the event of an abandoned launch say?", told.tell_abandoned),
    ("3.2", "What does CodeDeploy's hook do where no deployment has succeeded yet?", told.tell_no_revision),
]


def begin_questions(world, chosen):
    return {f"the question {key}": guard(world, key, ASKED[key](world)) for key in chosen}


def list_answers(world, chosen):
    """Section, question and answer of each."""
    for key, (section, text) in TEXTS.items():
        yield section, text, world.answers.get(key, "not seen" if key in chosen else "not asked")
    for section, text, tell in TOLD:
        yield section, text, tell(world)
