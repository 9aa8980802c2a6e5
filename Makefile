# Needs Rust, Python 3.11 or later, and make. `make setup` installs the rest into .venv (pinned in requirements.txt) and
# .local/tools.
PYTHON ?= python3
ARCHITECTURE ?= x86_64
BIN := .venv/bin
# cargo-lambda starts its linker as `python3 -m ziglang`, so the python3 of .venv must be the first on the path.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export SAM_CLI_TELEMETRY := 0
# Options of shellcheck for the steps of the documents. A step does not use every function and variable of its parts, and
# calls checks by name: SC2034 and SC2329 would report them as unused.
SHARED := --shell=sh --exclude=SC2034,SC2329
# cfn-lint and `sam build` need some Region to be set, and do not connect to it. `make deploy` takes that of the user.
check build test demo stack storm lock-demo real-agent bench: export AWS_DEFAULT_REGION ?= us-east-1
# Where `make build` builds; tests and `make demo` deploy what the variable BUILT names.
BUILT := .aws-sam/build
# The emulator of `make arm64`, and the folder with the loader and the C library of arm64 as Debian's package has it.
# neoverse-n1 is what cargo-lambda builds for: an instruction that this processor has not would end the function.
EMULATOR := qemu-aarch64-static
ARM64_ROOT ?= /usr/aarch64-linux-gnu
RUNNER := $(if $(filter aarch64,$(shell uname -m)),,$(EMULATOR) -cpu neoverse-n1 -L $(ARM64_ROOT))

# `documents` is also a folder; without .PHONY make would not run that target.
.PHONY: menu setup rust-target emulator documents check build debug-build test arm64 demo stack lock-demo storm real-agent bench deploy \
	smoke clean

menu: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-11s%s\n", $$1, $$2 }' Makefile

setup: .venv/installed .local/tools/installed ## install the pinned tools into .venv and .local, if missing

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; set PYTHON=..." if sys.version_info < (3, 11) else 0)'
	@echo 'Installing the pinned tools into .venv: 1 to 3 minutes.'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.local/tools/installed: tests/tools.py
	$(PYTHON) tests/tools.py
	@touch $@

documents: setup ## assemble the SSM documents from documents/parts
	$(BIN)/python documents/assemble.py

check: setup ## check format, lints, templates and shell, run unit tests; 1 minute, no local stack
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	$(BIN)/cfn-lint template.yaml examples/*.yaml
	$(BIN)/python tests/permissions.py --check
	$(BIN)/python tests/stack/user_data.py examples/fleet.yaml | $(BIN)/shellcheck --shell=sh -
	$(BIN)/shellcheck --shell=sh examples/app/scripts/*.sh
	$(BIN)/python documents/assemble.py --check
	$(BIN)/python documents/assemble.py --script readiness readiness | $(BIN)/shellcheck $(SHARED) -
	$(BIN)/python documents/assemble.py --script install-agent prepare | $(BIN)/shellcheck $(SHARED) -
	$(BIN)/python documents/assemble.py --script install-agent mend | $(BIN)/shellcheck $(SHARED) -
	cargo test --workspace --exclude launchgate-storm --lib --bins

rust-target:
	@$(PYTHON) rust_target.py $(ARCHITECTURE)

# The built template offers only the architecture that was built: `sam build` does not write its parameters into it.
build: rust-target setup ## build the functions for deployment, into .aws-sam/build (or with ARCHITECTURE=arm64)
	$(BIN)/sam build --build-dir $(BUILT) --parameter-overrides Architecture=$(ARCHITECTURE)
	@$(BIN)/python pin_architecture.py $(BUILT)/template.yaml $(ARCHITECTURE)

# The tests write the AWS calls of the functions to this file. At the end they are compared with the functions' roles.
test: export RUST_TEST_THREADS ?= 4
test: export CALLS_SEEN := $(CURDIR)/target/calls
test: check build ## run all tests on the local stack, without an AWS account
	@rm -f $(CALLS_SEEN)
	cargo test --workspace --exclude launchgate-storm
	cargo test --profile storm -p launchgate-storm -- --nocapture
	$(BIN)/python tests/permissions.py --seen $(CALLS_SEEN)

# It installs nothing on the system, so it says what is missing before it builds.
emulator:
	@test -z '$(RUNNER)' || \
	{ test -e $(ARM64_ROOT)/lib/ld-linux-aarch64.so.1 && $(EMULATOR) -cpu help 2>/dev/null | grep -q neoverse-n1; } || \
	{ echo 'make arm64 needs $(EMULATOR) 7.1 or later, and the C library of arm64 in $(ARM64_ROOT)/lib.' >&2; \
	echo 'On Debian and Ubuntu, as root: apt-get install qemu-user-static libc6-arm64-cross' >&2; \
	echo 'Elsewhere: install the user emulation of qemu, and set ARM64_ROOT to the root of an arm64 system.' >&2; exit 1; }

# The tests that start the functions of a deployed stack. Not a part of `make test`: CI has no emulator.
arm64: emulator setup ## build the functions for arm64 and run them in emulation (not in CI; CONTRIBUTING.md has the times)
	@$(MAKE) build ARCHITECTURE=arm64 BUILT=.aws-sam/arm64
	BUILT=.aws-sam/arm64 RUNNER='$(RUNNER)' cargo test --workspace --exclude launchgate-storm --test it -- \
	local_stack:: release:: plays:: validate_script::the_script

# The functions are built without optimisation, together with the programs of the tests: this takes a third of the time of `make build`.
debug-build: setup
	cargo build --workspace --exclude launchgate-storm --bins
	@$(BIN)/python tests/stack/debug_build.py .aws-sam/demo

demo: debug-build ## launch instances with different stories and show what the gate does (STORIES=path plays another file)
	@BUILT=.aws-sam/demo $${CARGO_TARGET_DIR:-target}/debug/demo

stack: debug-build ## keep the local stack up, for launches by hand with the AWS CLI (STORIES=path; ctrl-C ends it)
	@BUILT=.aws-sam/demo $${CARGO_TARGET_DIR:-target}/debug/stack

storm: setup ## run the gate in thousands of seeded random worlds full of faults (N=10000; SEED=42 replays one)
	cargo run --quiet --profile storm -p launchgate-storm --bin storm

lock-demo: setup ## boot an instance with and one without Launchgate while the package lock is held
	cargo run --quiet -p launchgate-tests --bin lock-demo

real-agent: setup ## run the readiness document against a real agent 1.x, state by state (AGENT_SOURCE=folder)
	@$(BIN)/python tests/real_agent.py $(AGENT_SOURCE)

bench: build ## compare start-up with a hello-world, bursts with common pollers; writes target/bench/report.json
	cargo bench -p launchgate-tests --bench start
	cargo run --quiet --profile storm -p launchgate-storm --bin bursts

# No --parameter-overrides: it would replace every parameter that samconfig.toml has from the last deployment. Architecture
# is that of the built template. CloudFormation refuses another one, such as that of the last deployment.
deploy: build ## deploy to your AWS account, asking for every parameter; the last answers are offered
	@echo 'Costs:   about 3 USD a month, about 8 with 10 groups and 200 launches a day (docs/operations.md#costs)'
	@echo 'Network: from the instances port 443 outwards, nothing inwards (docs/operations.md#what-the-network-team-opens)'
	@echo 'Removal: opt every group out, then sam delete --stack-name NAME (docs/operations.md#delete-the-stack)'
	$(BIN)/sam deploy --guided

# `-B`: no folders __pycache__ in the checkout. The Region and the credentials are the user's.
smoke: build ## launch instances in your own AWS account, check what is predicted, remove all (OPTIONS='--ask blue-green')
	@$(BIN)/python -B tests/smoke $(OPTIONS)

clean: ## remove everything that was built or installed
	rm -rf .aws-sam .venv .local
	cargo clean
