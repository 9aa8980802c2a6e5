"""Puts the unoptimised functions of target/debug beside a template, as `sam build` does with optimised ones.

For the demo, which shows what the functions do and not how fast they start: `cargo build` makes them in a third of the
time, and the demo shares its dependencies. Takes the folder to write.
"""

import os
import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
FUNCTION = re.compile(r"^( +)CodeUri: functions/([a-z-]+)$", re.MULTILINE)


def place(found):
    """Copies the function's program into a folder of its own, and names that folder."""
    indent, function = found.groups()
    folder = build / function
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(TARGET / "debug" / function, folder / "bootstrap")
    (folder / "bootstrap").chmod(0o755)
    return f"{indent}CodeUri: {function}"


build = pathlib.Path(sys.argv[1])
template = FUNCTION.sub(place, (ROOT / "template.yaml").read_text())
template = template.replace("Location: documents/", f"Location: {ROOT}/documents/")
(build / "template.yaml").write_text(template)
