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
CLAIMS ?= 100000
KILL_AFTER ?= 20
STEPS ?= 1000000
TARGET ?= guard
FUZZ_SECONDS ?= 60
LOCALNET_DIR ?= target/localnet
CLIENT := app/client
CONSOLE := app/console
SITE := app/site

# Always the whole workspace with a target picked by name, never `-p`: cargo unites the features of the packages it is
# given, so `-p` would compile the VM and everything below it once more for each package.
CARGO_TEST := cargo test --locked --workspace
run = cargo build --locked --workspace --bin $(1) && "$$CARGO_TARGET_DIR/debug/$(1)"

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z%-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

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
CHECKS := lint rust idl ids features package client console docs contracts localnet

.PHONY: test
test: $(CHECKS:%=check-%) ## everything: lint, programs, Rust, IDL, ids, features, packages, TypeScript, console, docs, contracts, localnet

.PHONY: test-quick
test-quick: setup ## a developer's minute: guard, interface, core and cpi, without programs and without the VM
	@echo "test-quick: the rules and what hosts link (a minute of compiling the first time)" >&2
	cargo test --locked -p bulkhead-guard -p bulkhead-interface -p bulkhead-core -p bulkhead-cpi

.PHONY: check-lint
check-lint: lint

# The suite includes tests/compute against tests/compute/compute_units.json.
.PHONY: check-rust
check-rust: build
	@echo "test: compiling what drills do not need (10 to 15 minutes the first time on two cores), then 6 minutes of tests" >&2
	$(CARGO_TEST) --no-fail-fast

.PHONY: check-idl
check-idl: setup
	@echo "idl: out of the programs' tests, which are compiled (15 minutes the first time if nothing is)" >&2
	$(call run,bulkhead-idl) check

.PHONY: check-ids
check-ids:
	scripts/check-ids.sh

.PHONY: check-client
check-client: build
	@scripts/setup.sh client
	cd $(CLIENT) && npm test

.PHONY: check-contracts
check-contracts: setup ## the contracts for EVM chains: compiled with solc from npm, run in an EVM in process
	@scripts/setup.sh contracts
	@echo "contracts: compiling them (half a minute once), then half a minute of tests" >&2
	cd contracts && npm test

# The pages and the rules behind them: built, measured, and driven from the attack to the claim over the built program.
.PHONY: check-console
check-console: build ## the console: types, rules, build, size, policy, axe, and an incident in Chromium
	@scripts/setup.sh console
	cd $(CONSOLE) && npm test

.PHONY: console
console: setup ## build the console and serve it on this machine: http://127.0.0.1:4173
	@scripts/setup.sh console
	@cd $(CONSOLE) && npm run --silent build && npm run --silent serve

.PHONY: console-e2e
console-e2e: build ## the same incident in Chromium over a real localnet with its thief, twice in a row
	@scripts/setup.sh console
	@$(localnet_build) --quiet && cargo build --quiet --locked --workspace --bin bulkhead
	scripts/console-e2e.sh

.PHONY: console-pictures
console-pictures: build ## write docs/img from an incident in the pages
	@scripts/setup.sh console
	cd $(CONSOLE) && npm run --silent build && CONSOLE_PICTURES=1 npx vitest run e2e/pages.test.ts

# What the pages say of commands is part of check-rust: crates/cli/tests/pages.rs.
.PHONY: check-docs
check-docs: setup ## the documentation: built as a site, with every link followed and nothing asked of another host
	@scripts/setup.sh site
	cd $(SITE) && npm test

.PHONY: docs
docs: setup ## build the documentation as a site: app/site/.vitepress/dist
	@scripts/setup.sh site
	@cd $(SITE) && npm run --silent build && npm run --silent check-links

.PHONY: docs-serve
docs-serve: docs ## build it and serve it on this machine: http://127.0.0.1:4174
	@cd $(SITE) && npm run --silent serve

# Features that nothing else compiles, in a package without the VM: for that one, `-p` is right.
.PHONY: check-sentinel
check-sentinel: setup ## the sentinel's features: Geyser, traces, and PostgreSQL on a server of its own
	@scripts/setup.sh postgres
	@echo "sentinel: its features (10 minutes the first time on two cores), then seconds of tests" >&2
	@scripts/check-postgres.sh --tests

.PHONY: check-postgres
check-postgres: setup ## only PostgreSQL, which sentinels share
	@scripts/setup.sh postgres
	@scripts/check-postgres.sh

# What is published, as an integrator gets it: by itself, with every set of its features.
.PHONY: check-features
check-features: setup
	@scripts/check-features.sh

# Three of them are part of check-features, and two run in the VM with check-rust.
.PHONY: check-hosts
check-hosts: setup ## hosts on 17 versions of Anchor, solana-program and pinocchio against the packed crates; both crates with Rust 1.63
	@echo "hosts: 18 programs with lock files of their own (15 minutes the first time on two cores, then seconds)" >&2
	@scripts/hosts.sh check
	@scripts/hosts.sh oldest

.PHONY: check-package
check-package: package

.PHONY: package
package: setup ## what would be published: crates and the npm package, checked and not sent
	@scripts/setup.sh client
	@scripts/package.sh

# Nothing but the report may reach standard output: `make drill OUTPUT=json | jq`. It plays on two of the programs; they
# are built beside the command line, for linking one keeps a single core busy.
.PHONY: drill
drill: setup ## replay an incident: INCIDENT= POSITIONS= OUTPUT=text|json
	@echo "drill: two programs and the machine they run on (about 12 minutes the first time on two cores, then seconds)" >&2
	@scripts/build-sbf.sh programs/bulkhead programs/example-exchange & programs=$$!; \
	  cargo build --locked --workspace --bin bulkhead-drill && wait $$programs
	@mkdir -p target/drill
	@"$$CARGO_TARGET_DIR/debug/bulkhead-drill" $(INCIDENT) --positions $(POSITIONS) --output $(OUTPUT) \
	  --programs target/deploy --report target/drill/$(INCIDENT).html

# A workspace of its own: the node's pins stay out of everybody else's lock file. Its folder is below the usual one.
localnet_build = cargo build --locked --manifest-path localnet/Cargo.toml --target-dir "$$CARGO_TARGET_DIR/localnet"
localnet = "$$CARGO_TARGET_DIR/localnet/debug/bulkhead-localnet" --dir $(LOCALNET_DIR)

.PHONY: localnet
localnet: setup ## a node with a protected exchange and load, until Ctrl-C: LOCALNET_DIR= ARGS='--positions 1000 --load 0 --reset'
	@echo "localnet: three programs and the node (about 10 minutes the first time on two cores, then seconds)" >&2
	@scripts/build-sbf.sh programs/bulkhead programs/example-exchange programs/example-vault & programs=$$!; \
	  $(localnet_build) && wait $$programs
	@exec $(localnet) run $(ARGS)

.PHONY: localnet-attack
localnet-attack: setup ## rob the running localnet: KIND=drain|grab|takeover|price
	@$(localnet_build) --quiet
	@exec $(localnet) attack --kind $(or $(KIND),drain)

.PHONY: localnet-warp
localnet-warp: setup ## move the localnet's clock forward: SECONDS=
	@$(if $(SECONDS),,echo "localnet-warp: by how much? make localnet-warp SECONDS=3600" >&2; exit 2)
	@$(localnet_build) --quiet
	@exec $(localnet) warp --seconds $(SECONDS)

.PHONY: check-localnet
check-localnet: build ## the localnet's own tests, then the page's hour with the command line and with TypeScript, then a short bench-sentinel
	@scripts/setup.sh client
	@echo "localnet: the node (10 minutes the first time on two cores), its tests, then two incidents (2 minutes)" >&2
	cargo test --locked --manifest-path localnet/Cargo.toml --target-dir "$$CARGO_TARGET_DIR/localnet"
	@$(localnet_build) --quiet && cargo build --quiet --locked --workspace --bin bulkhead --bin bulkhead-sentinel
	scripts/localnet-hour.sh
	$(sentinel_bench) --dir target/check-sentinel --slot-time 100 --domains 3 --breaches 6 --quiet 2 --kills 6 --faulty 0

# A workspace of its own, below the usual folder as the localnet: nobody else compiles fields and curves. Clippy and the
# tests; `make lint` does not look here.
prover = --locked --manifest-path crates/prover/Cargo.toml --target-dir "$$CARGO_TARGET_DIR/prover"
.PHONY: check-prover
check-prover: setup ## proofs of state: circuit, attacks on it, folders of pages, vectors
	@echo "prover: fields and curves (5 to 8 minutes the first time on two cores), then a minute of tests" >&2
	cargo fmt --manifest-path crates/prover/Cargo.toml --check
	cargo clippy --quiet $(prover) --all-targets -- -D warnings
	cargo test $(prover)

.PHONY: state-proof-vectors
state-proof-vectors: setup ## prove the pages of the integration tests again, after `UPDATE_VECTORS=1` wrote another question
	cargo run $(prover) --quiet --example state_proof_vectors

sentinel_bench = "$$CARGO_TARGET_DIR/localnet/debug/bulkhead-sentinel-bench" \
  --sentinel "$$CARGO_TARGET_DIR/debug/bulkhead-sentinel"

# The node, its proxies and the sentinel share this machine: figures of a machine that does something else are not good.
.PHONY: bench-sentinel
bench-sentinel: setup ## the sentinel as a process: slots to the pause, its cost, kill -9, faulty endpoints: ARGS='--domains 100 --kills 0 --faulty 0'
	@echo "bench-sentinel: three programs, the node and the sentinel (20 minutes the first time on two cores), then 30 minutes" >&2
	@scripts/build-sbf.sh programs/bulkhead programs/example-exchange programs/example-vault
	@$(localnet_build) --quiet && cargo build --quiet --locked --workspace --bin bulkhead-sentinel
	@exec $(sentinel_bench) --dir target/bench-sentinel $(ARGS)

# `make test` takes 40,000 of them. As many machines as the test has; it prints what worked how often.
.PHONY: soak
soak: build ## random instructions against the built program, every law after each: STEPS=
	BULKHEAD_MODEL_STEPS=$$(( $(STEPS) / 8 )) $(CARGO_TEST) --test model -- --nocapture

.PHONY: mutants
mutants: setup ## mutate the rules and count the mutants that core's tests catch (hours): FILES='crates/core/src/proposals/veto.rs ...' MUTANTS_SHARD=0/12
	@scripts/mutants.sh $(FILES)

.PHONY: lint
lint: setup ## formatting, clippy over every target, documentation
	@scripts/lint.sh

.PHONY: lint-deep
lint-deep: setup ## licences, bans, sources and advisories of every dependency: before a release
	@scripts/lint-deep.sh

.PHONY: fuzz
fuzz: setup ## inputs guided by coverage for one target of tests/fuzz: TARGET= FUZZ_SECONDS=
	@scripts/fuzz.sh $(TARGET) $(FUZZ_SECONDS)

.PHONY: bench
bench: build ## measure and write tests/compute/compute_units.{md,json}
	CU_WRITE=1 $(CARGO_TEST) --test compute_units
	@cat tests/compute/compute_units.md

.PHONY: bench-tree
bench-tree: setup ## leaves a second off chain, beside the published libraries: LEAVES=
	cd benches/tree && cargo run -q --release --locked -- $(LEAVES)

.PHONY: bench-claims
bench-claims: build ## what it takes to pay every claim of several ledgers on a localnet, killed once: CLAIMS= LEDGERS= PARALLEL= KILL_AFTER=
	@$(localnet_build) --quiet && cargo build --quiet --locked --workspace --bin bulkhead
	@CLAIMS=$(CLAIMS) LEDGERS=$(LEDGERS) PARALLEL=$(PARALLEL) KILL_AFTER=$(KILL_AFTER) scripts/bench-claims.sh

# Not part of `make test`: it needs npm's registry. One IDL is turned into Codama's form by the client's own converter.
.PHONY: bench-adopt
bench-adopt: setup ## what `bulkhead adopt` finds in IDLs that npm packages ship, beside what is there
	@scripts/setup.sh client
	@scripts/adopt-heldout.sh

.PHONY: clean
clean: ## what was built from this checkout; toolchains and dependencies stay
	rm -rf target
