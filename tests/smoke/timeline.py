"""Writes the courses as JSON, and as a picture if the program `timeline` of this repository is built."""

import json
import os
import pathlib
import subprocess

import names
from courses import tell_course, trace_lanes
from files import save
from speech import tell


def draw_timeline(world):
    """Gives the sentence that tells where the timeline is."""
    lanes = trace_lanes(world)
    tell("\n".join(["", *tell_course(lanes)]))
    told, picture = world.options.out / "timeline.json", world.options.out / "timeline.svg"
    if not save(told, json.dumps({"title": f"make smoke in {world.account.region}", "lanes": lanes}, indent=1)):
        return "no timeline"
    why_not = draw(told, picture)
    return f"the timeline as JSON: {told} (no picture: {why_not})" if why_not else f"the timeline: {picture}"


def draw(told, picture):
    """Why there is no picture; nothing if there is one."""
    program = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", names.ROOT / "target")) / "debug" / "timeline"
    if not program.exists():
        return "the program timeline is not built"
    try:
        drawn = subprocess.run([program, told, picture], capture_output=True, text=True)
    except OSError as error:
        return f"{program} does not start: {error}"
    return drawn.stderr.strip() or f"{program} failed" if drawn.returncode else None
