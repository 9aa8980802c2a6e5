"""Compares a settled line with what is predicted of its launch."""

import json

# A text must be one of the list, a number must lie between the two, and a list must have all of it.
WORDS = ("decision", "reason", "outcome")
NUMBERS = ("repairs", "started_agent")


def list_differences(predicted, line):
    """What was predicted and what was seen, for each field that differs."""
    return [*compare_words(predicted, line), *compare_numbers(predicted, line), *compare_codes(predicted, line)]


def compare_words(predicted, line):
    for field in WORDS:
        if line.get(field) not in predicted[field]:
            yield f"{field}: predicted {' or '.join(predicted[field])}, seen {line.get(field)}"


def compare_numbers(predicted, line):
    for field in NUMBERS:
        least, most = predicted[field]
        if not least <= line.get(field, -1) <= most:
            yield f"{field}: predicted {least} to {most}, seen {line.get(field)}"
    waited = line.get("seconds_waited")
    if waited is None or waited > predicted["within"]:
        yield f"seconds_waited: predicted at most {predicted['within']}, seen {waited}"


def compare_codes(predicted, line):
    """The findings of the last report are exactly those; of mended codes there may be more."""
    findings = line.get("findings", [])
    if sorted(findings) != sorted(predicted["findings"]):
        yield f"findings: predicted {predicted['findings']}, seen {findings}"
    mended = {code for repair in line.get("mended", []) for code in repair["codes"]}
    missing = [code for code in predicted["mended"] if code not in mended]
    if missing:
        yield f"mended: predicted {predicted['mended']}, seen {sorted(mended)}"


def tell_failure(launch, differences):
    told = [f"PREDICTION FAILED: {launch.kind} ({launch.what})", *(f"  {difference}" for difference in differences)]
    return "\n".join([*told, "  the whole line:", f"  {json.dumps(launch.line)}"])
