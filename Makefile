# The one contract of this checkout: people, tests and CI type `make <target>` and nothing else. `make help` lists them.
# Whatever is missing is installed on the way (Debian, root or sudo); `make doctor` says what, without touching anything.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

export CARGO_TARGET_DIR ?= $(HOME)/.cache/bulkhead/target
# The system's OpenSSL instead of a vendored one: six minutes less on the first build.
export OPENSSL_NO_VENDOR := 1
export CARGO_TERM_COLOR ?= auto

INCIDENT ?= drift-2026-04
POSITIONS ?= 2000
OUTPUT ?= text
LEAVES ?= 8388608
STEPS ?= 1000000
CLIENT := app/client

# Always the whole workspace with a target picked by name, never `-p`: cargo unites the features of the packages it is
# given, so `-p` would compile the VM and everything below it once more for each package.
CARGO_TEST := cargo test --locked --workspace
run = cargo build -q --locked --workspace --bin $(1) && "$$CARGO_TARGET_DIR/debug/$(1)"

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z%-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

.PHONY: doctor
doctor: ## what is missing on this machine and how to get it
	@scripts/doctor.sh

.PHONY: setup
setup: ## install what is missing (the others do it by themselves)
	@scripts/setup.sh

.PHONY: build
build: setup ## the programs, to target/deploy/*.so
	@scripts/build-sbf.sh

.PHONY: idl
idl: setup ## write idl/*.json from the programs, and the TypeScript client from them
	$(call run,bulkhead-idl) write
	@scripts/setup.sh client
	cd $(CLIENT) && npm run --silent generate

# The parts of `make test`, in this order; each can be run alone.
CHECKS := rust idl ids client

.PHONY: test
test: $(CHECKS:%=check-%) ## everything: programs, Rust, IDL, ids, TypeScript

# The suite includes tests/compute against tests/compute/compute_units.json.
.PHONY: check-rust
check-rust: build
	$(CARGO_TEST) --no-fail-fast

.PHONY: check-idl
check-idl: setup
	$(call run,bulkhead-idl) check

.PHONY: check-ids
check-ids:
	scripts/check-ids.sh

.PHONY: check-client
check-client: build
	@scripts/setup.sh client
	if [ -f $(CLIENT)/package.json ]; then cd $(CLIENT) && npm test; fi

# Nothing but the report may reach standard output: `make drill OUTPUT=json | jq`.
.PHONY: drill
drill: ## replay an incident: INCIDENT= POSITIONS= OUTPUT=text|json
	@$(MAKE) build >&2
	@mkdir -p target/drill
	@$(call run,bulkhead) drill $(INCIDENT) --positions $(POSITIONS) --output $(OUTPUT) \
	  --programs target/deploy --report target/drill/$(INCIDENT).html

# `make test` takes 40,000 of them. As many machines as the test has; it prints what worked how often.
.PHONY: soak
soak: build ## random instructions against the built program, every law after each: STEPS=
	BULKHEAD_MODEL_STEPS=$$(( $(STEPS) / 8 )) $(CARGO_TEST) --test model -- --nocapture

.PHONY: mutants
mutants: setup ## mutate the rules and count what core's tests catch (hours): FILES='crates/core/src/veto.rs ...' MUTANTS_SHARD=0/12
	@scripts/mutants.sh $(FILES)

.PHONY: lint
lint: setup ## formatting and clippy
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

.PHONY: bench
bench: build ## measure and write tests/compute/compute_units.{md,json}
	CU_WRITE=1 $(CARGO_TEST) --test compute_units
	@cat tests/compute/compute_units.md

.PHONY: bench-tree
bench-tree: setup ## leaves a second off chain, beside the published libraries: LEAVES=
	cd benches/tree && cargo run -q --release --locked -- $(LEAVES)

.PHONY: clean
clean: ## what was built from this checkout; toolchains and dependencies stay
	rm -rf target
