"""Assembles the SSM documents from their parts.

With --check it changes nothing and names those that are out of date. With --script NAME STEP it prints the script of
that step with its comments, for shellcheck.

In parts/NAME.yaml a line `@part.sh` is replaced by that part, and a line `@parameters` by the exports that an old SSM
Agent needs. Comments and indentation of the parts are left out: a document has at most 64 KB, and the SSM Agent writes
each whole script into its log.
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


def part(word, source):
    return parameters(source) if word == "@parameters" else (PARTS / word[1:]).read_text().splitlines()


def shorten(lines):
    bare = (line.strip() for line in lines)
    return (line for line in bare if line and not line.startswith("#"))


def expand(line, source):
    word = line.strip()
    if not word.startswith("@"):
        return line + "\n"
    indent = line[: line.index("@")]
    return "".join(f"{indent}{short}\n" for short in shorten(part(word, source)))


def assemble(path):
    # The source itself is valid YAML: the @ lines stand inside a block of text.
    source = path.read_text()
    return NOTE + "".join(expand(line, source) for line in source.splitlines()).rstrip("\n") + "\n"


def print_script(name, step):
    source = (PARTS / f"{name}.yaml").read_text()
    steps = {it["name"]: it for it in yaml.safe_load(source)["mainSteps"]}
    for line in steps[step]["inputs"]["runCommand"][0].splitlines():
        print("\n".join(part(line, source)) if line.startswith("@") else line)


if "--script" in sys.argv:
    sys.exit(print_script(*sys.argv[2:]))

stale = []
for path in sorted(PARTS.glob("*.yaml")):
    made, target = assemble(path), FOLDER / path.name
    if not target.exists() or target.read_text() != made:
        stale.append(path.name)
        if "--check" not in sys.argv:
            target.write_text(made)
if stale and "--check" in sys.argv:
    sys.exit(f"documents/{' and documents/'.join(stale)} differ from their parts: run `make documents`")
