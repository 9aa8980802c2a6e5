"""Assembles the SSM documents from their parts. With --check it changes nothing and names those that are out of date.

In parts/NAME.yaml a line `@part.sh` is replaced by that part, and a line `@parameters` by the exports that an old SSM
Agent needs. Comments of the parts stay in the document and count against its limit of 64 KB.
"""

import pathlib
import sys

import yaml

FOLDER = pathlib.Path(__file__).parent
PARTS = FOLDER / "parts"
NOTE = "# Assembled by `make documents`: change documents/parts, not this file.\n"


def parameters(source):
    yield "# An SSM Agent before 3.3.2746.0 exports no parameters but pastes them here; allowedPattern makes this safe."
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
    # The source itself is valid YAML: the @ lines stand inside a block of text.
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
