# Neargate's doors. `make help` lists them.

.PHONY: help setup demo demo-prod demo-down test unit lint e2e sim bench build record

help: ## This list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: build ## Start Neargate and the development stack, and print the Flask API's URL
	@scripts/demo

demo-prod: build ## The production stack under load: it scales out and in again, in a live view
	@scripts/setup --load
	@scripts/demo-prod

demo-down: ## Destroy what `make demo` made, and stop Neargate
	@scripts/demo down

test: ## Set up, and pass every test, the end-to-end ones too
	@tests/run

unit: ## The Rust tests alone
	@tests/run rust

lint: ## Formatting and clippy
	@tests/run lint

e2e: ## The end-to-end tests alone, with Terraform, the AWS CLI, boto3 and skopeo
	@tests/run e2e

sim: ## Simulate the control plane: SEEDS=100000 for more scenarios, SEED=7 for the story of one
	@cargo run -q --release -p neargate-sim -- $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),10000))

bench: ## Measure, print the table, and keep it in docs/benchmarks.md
	@scripts/setup --tests
	@cargo build --release -p neargate -p neargate-edge -p neargate-sim --bin neargate --example hello --example scheduler
	@tests/bench/run

setup: ## Install what running and building need
	@scripts/setup

build: setup ## Build target/release/neargate
	@cargo build --release -p neargate

record: ## Ask `terraform console` for the answers that the language's tests replay (RECORD_ALL=1: for all again)
	@cargo test -q -p neargate-hcl --test oracle -- --ignored record
