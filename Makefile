# Needs Rust, Python 3.11 or later, and make. The rest goes into .venv, pinned in requirements.txt, and .local/tools.
PYTHON ?= python3
ARCHITECTURE ?= x86_64
BIN := .venv/bin
# cargo-lambda looks for its linker as `python3 -m ziglang`: the python3 of .venv must be the first on the path.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export SAM_CLI_TELEMETRY := 0
# Both steps are made of the parts of readiness too, and not every step uses all that a part has.
SHARED := --shell=sh --exclude=SC2034,SC2329
# The linter asks for a Region, any; nothing here calls one.
export AWS_DEFAULT_REGION ?= us-east-1

# `documents` is a folder too.
.PHONY: menu setup documents check build test demo lock-demo storm real-agent bench deploy clean

menu: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s%s\n", $$1, $$2 }' Makefile

setup: .venv/installed .local/tools/installed ## install the pinned tools into .venv and .local (no-op when done)

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; set PYTHON=..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.local/tools/installed: tests/tools.py
	$(PYTHON) tests/tools.py
	@touch $@

documents: setup ## assemble the SSM documents from documents/parts
	$(BIN)/python documents/assemble.py

check: setup ## format, lints, templates, shell, unit tests: a minute, no local stack
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	$(BIN)/cfn-lint template.yaml examples/*.yaml
	$(BIN)/python tests/permissions.py --check
	$(BIN)/python tests/stack/user_data.py examples/fleet.yaml | $(BIN)/shellcheck --shell=sh -
	$(BIN)/shellcheck --shell=sh examples/app/scripts/*.sh
	$(BIN)/python documents/assemble.py --check
	$(BIN)/python tests/stack/script.py documents/readiness.yaml readiness | $(BIN)/shellcheck --shell=sh -
	$(BIN)/python tests/stack/script.py documents/install-agent.yaml prepare | $(BIN)/shellcheck $(SHARED) -
	$(BIN)/python tests/stack/script.py documents/install-agent.yaml mend | $(BIN)/shellcheck $(SHARED) -
	cargo test --workspace --exclude launchgate-storm --lib --bins

build: setup ## the functions as they are deployed, into .aws-sam/build
	$(BIN)/sam build --parameter-overrides Architecture=$(ARCHITECTURE)

# What the functions call in the tests is noted, and held beside their roles at the end.
test: export CALLS_SEEN := $(CURDIR)/target/calls
test: check build ## everything, on the local stack, without an account
	@rm -f $(CALLS_SEEN)
	cargo test --workspace --exclude launchgate-storm
	cargo test --profile storm -p launchgate-storm -- --nocapture
	$(BIN)/python tests/permissions.py --seen $(CALLS_SEEN)

demo: build ## scale out instances with different stories, CodeDeploy beside the gate, and watch (STORIES=path plays another file)
	cargo run --quiet -p launchgate-tests --bin demo

storm: setup ## thousands of seeded worlds in which everything goes wrong (N=10000; SEED=42 replays one)
	cargo run --quiet --profile storm -p launchgate-storm --bin storm

lock-demo: setup ## two instances boot under a held package lock: user data that does not wait, and Launchgate
	cargo run --quiet -p launchgate-tests --bin lock-demo

real-agent: setup ## the readiness document beside a real agent 1.x, state by state (AGENT_SOURCE=folder)
	@$(BIN)/python tests/real_agent.py $(AGENT_SOURCE)

bench: build ## start-up and memory against a hello-world, bursts against what people use; into target/bench/report.json
	cargo bench -p launchgate-tests --bench start
	cargo run --quiet --profile storm -p launchgate-storm --bin bursts

deploy: build ## into your account; asks for everything (ARCHITECTURE=arm64 is untested)
	$(BIN)/sam deploy --guided --parameter-overrides Architecture=$(ARCHITECTURE)

clean: ## remove what was built and installed
	rm -rf .aws-sam .venv .local
	cargo clean
