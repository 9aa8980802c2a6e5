# Needs Rust, Python 3.11 or later, and make. Everything else is pinned in requirements.txt and goes into .venv.
PYTHON ?= python3
ARCHITECTURE ?= x86_64
BIN := .venv/bin
# cargo-lambda looks for its linker as `python3 -m ziglang`: the python3 of .venv must be the first on the path.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export SAM_CLI_TELEMETRY := 0
# The linter asks for a Region, any; nothing here calls one.
export AWS_DEFAULT_REGION ?= us-east-1

# `documents` is a folder too.
.PHONY: menu setup documents check build test demo storm bench deploy clean

menu: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s%s\n", $$1, $$2 }' Makefile

setup: .venv/installed ## install the pinned tools into .venv (no-op when requirements.txt is unchanged)

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; set PYTHON=..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

documents: setup ## assemble the SSM documents from documents/parts
	$(BIN)/python documents/assemble.py

check: setup ## format, lints, templates, shell, unit tests: a minute, no local stack
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	$(BIN)/cfn-lint template.yaml
	$(BIN)/python documents/assemble.py --check
	$(BIN)/python tests/stack/script.py documents/readiness.yaml | $(BIN)/shellcheck --shell=sh -
	cargo test --workspace --lib --bins

build: setup ## the functions as they are deployed, into .aws-sam/build
	$(BIN)/sam build --parameter-overrides Architecture=$(ARCHITECTURE)

test: check build ## everything, on the local stack, without an account
	cargo test --workspace

demo: build ## scale out a dozen instances with different stories and watch (STORIES=path plays another file)
	cargo run --quiet -p launchgate-tests --bin demo

storm: setup ## thousands of seeded worlds in which everything goes wrong (N=10000; SEED=42 replays one)
	cargo run --quiet --profile storm -p launchgate-storm

bench: build ## start-up, size and memory against a hello-world; into target/bench/report.json
	cargo bench -p launchgate-tests --bench start

deploy: build ## into your account; asks for everything (ARCHITECTURE=arm64 is untested)
	$(BIN)/sam deploy --guided --parameter-overrides Architecture=$(ARCHITECTURE)

clean: ## remove what was built and installed
	rm -rf .aws-sam .venv .local
	cargo clean
