"""Assembles the SSM documents from their parts, or with --check tells which are out of date.

A line `@part.sh` of parts/NAME.yaml becomes that part, a line `@parameters` becomes what an old SSM Agent needs.
"""

import pathlib
import sys

import yaml

FOLDER = pathlib.Path(__file__).parent
PARTS = FOLDER / "parts"
NOTE = "# Assembled from documents/parts by `make documents`: change those, not this.\n"


def parameters(source):
    yield "# SSM agents before 3.3.2746.0 export no parameters but paste them here, inert by their allowedPattern."
    for name in yaml.safe_load(source)["parameters"]:
        yield f'if [ -z "${{SSM_{name}+x}}" ]; then export SSM_{name}="{{{{ {name} }}}}"; fi'


def expand(line, source):
    word = line.strip()
    if not word.startswith("@"):
        return line + "\n"
    found = parameters(source) if word == "@parameters" else (PARTS / word[1:]).read_text().splitlines()
    indent = line[: line.index("@")]
    return "".join(indent + part + "\n" if part else "\n" for part in found) + "\n"


def assemble(path):
    # yaml.safe_load reads no @ at the start of a plain word, and inside a block of text it is text.
    source = path.read_text()
    return NOTE + "".join(expand(line, source) for line in source.splitlines()).rstrip("\n") + "\n"


stale = []
for path in sorted(PARTS.glob("*.yaml")):
    made, target = assemble(path), FOLDER / path.name
    if not target.exists() or target.read_text() != made:
        stale.append(path.name)
        if "--check" not in sys.argv:
            target.write_text(made)
if stale and "--check" in sys.argv:
    sys.exit(f"documents/{' and documents/'.join(stale)} differ from their parts: run `make documents`")
