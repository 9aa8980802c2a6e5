"""The report, as Markdown that can be pasted into an issue. It has neither the account id nor the caller's name."""

import re

from questions.table import list_answers

ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")


def mask(text, account, caller):
    """Without the caller's ARN, every number of twelve digits, and the account id wherever else it stands. AWS names
    the caller in what it refuses, sometimes only by the end of the ARN, such as user/NAME."""
    end = caller.split(":", 5)[-1]
    for part in (caller, *([end] if "/" in end else [])):
        text = text.replace(part, "CALLER")
    return ACCOUNT.sub("0" * 12, text).replace(account, "0" * 12)


def make_report(world, kinds, chosen):
    """The text of the report."""
    predicted = {kind["kind"]: kind["predicted"] for kind in kinds}
    lines = [
        "# A run of `make smoke`",
        "",
        f"Region {world.account.region}, begun {world.run}. "
        f"Clock of the machine ahead of AWS's: {world.account.clock_ahead} s.",
        "",
        *list_launches(world, predicted),
        *list_failures(world),
        "",
        "## Open questions of docs/aws-facts.md",
        "",
    ]
    for section, question, answer in list_answers(world, chosen):
        lines += [f"**{section}: {question}** {answer}", ""]
    return mask("\n".join(lines), world.account.id, world.account.arn)


def list_launches(world, predicted):
    yield "| launch | predicted | seen | seconds | mended | as predicted |"
    yield "|---|---|---|---|---|---|"
    failed = "\n".join(world.failures)
    for launch in world.launches:
        line, wanted = launch.line or {}, predicted[launch.kind]
        mended = ", ".join(code for repair in line.get("mended", []) for code in repair["codes"])
        met = "no" if f"PREDICTION FAILED: {launch.kind} " in failed else "yes"
        wish = f"{'/'.join(wanted['decision'])}: {'/'.join(wanted['reason'])} in {wanted['within']} s"
        seen = f"{line['decision']}: {line['reason']}" if line else "no settled line"
        yield f"| {launch.kind} | {wish} | {seen} | {line.get('seconds_waited', '-')} | {mended or '-'} | {met} |"


def list_failures(world):
    for failure in world.failures:
        yield from ["", "```", failure, "```"]
