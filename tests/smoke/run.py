"""One run: what is created, the launches, the questions, and the report."""

import stacks
from deployments import upload_revision
from files import save
from launches import begin_launch, follow_launch
from options import list_questions
from questions.table import begin_questions
from report import make_report
from speech import say, tell
from tasks import run_together
from timeline import draw_timeline


def prepare(world, kinds):
    """Everything up to the launches."""
    options = world.options
    say("creating the bucket, and the queue for events")
    world.bucket = stacks.create_bucket(world.account, world.ledger, world.run)
    world.capture.create(world.ledger, world.run)
    say("deploying Launchgate with `sam deploy`")
    outputs = stacks.deploy_gate(world.account, world.ledger, world.run, options.template, world.bucket)
    world.gate_deployed(outputs)
    upload_revision(world)
    say(f"creating {len(kinds)} stacks of examples/fleet.yaml")
    for kind in kinds:
        stacks.begin_example(world.account, world.ledger, world.run, kind, world.bucket, options.subnets)
    return [stacks.await_example(world.account, kind, options.pause) for kind in kinds]


def launch_and_ask(world, kinds):
    """Whether every prediction was met."""
    made = prepare(world, kinds)
    launches = [begin_launch(world, kind, *parts) for kind, parts in zip(kinds, made)]
    say(f"launching {len(launches)} instances, one in each group")
    chosen = list_questions(world.options)
    followed = {launch.kind: follow_launch(world, launch, kind["predicted"]) for launch, kind in zip(launches, kinds)}
    run_together(followed | begin_questions(world, chosen), world.look, world.options.pause)
    world.look()
    drawn = draw_timeline(world)
    report, path = make_report(world, kinds, chosen), world.options.out / "report.md"
    tell(f"\n{report}")
    say(drawn)
    if save(path, report):
        say(f"the report: {path}")
    return not world.failures
