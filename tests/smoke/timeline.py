"""Writes the courses as JSON, and as a picture if the program `timeline` of this repository is built."""

import json
import os
import pathlib
import subprocess

import names
from courses import tell_course, trace_lanes
from speech import tell


def draw_timeline(world):
    lanes = trace_lanes(world)
    tell("\n".join(["", *tell_course(lanes)]))
    told, picture = world.options.out / "timeline.json", world.options.out / "timeline.svg"
    told.write_text(json.dumps({"title": f"make smoke in {world.account.region}", "lanes": lanes}, indent=1))
    program = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", names.ROOT / "target")) / "debug" / "timeline"
    if not program.exists():
        return f"the timeline as JSON: {told} (no picture: the program timeline is not built)"
    drawn = subprocess.run([program, told, picture], capture_output=True, text=True)
    if drawn.returncode:
        return f"the timeline as JSON: {told} (no picture: {drawn.stderr.strip()})"
    return f"the timeline: {picture}"
