# One door. `make check` is what CI runs after `make test`; nothing else is needed.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test nightly format lint types contracts check bench bench-topn bench-serve bench-value bench-links bench-tuning bench-policies reproduce-mlboa docs clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: .venv/ready ## Make .venv with pinned versions and the command .venv/bin/coadapt

.venv/ready: pyproject.toml constraints.txt scripts/setup.sh
	@PYTHON=$(PYTHON) sh scripts/setup.sh

demo: setup ## Play the whole loop in the terminal: shop, training, service, shoppers (ARGS="--seconds 30")
	@$(BIN)/coadapt playground $(ARGS)

test: setup ## Run the everyday tests
	@$(BIN)/pytest -m "not slow" $(ARGS)

nightly: setup ## Run all tests, also the slow ones
	@$(BIN)/pytest $(ARGS)

format: setup ## Format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint: setup ## Check format and lint rules
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: setup ## Check types
	@$(BIN)/mypy

contracts: setup ## Check that imports point down
	@$(BIN)/lint-imports

check: lint types contracts test ## Everything CI checks

bench: bench-topn bench-serve bench-value bench-links bench-tuning bench-policies ## All benchmarks

bench-topn: setup ## Accuracy and speed beside the peers (COADAPT_DATA names the data folder)
	@$(BIN)/python benchmarks/topn.py $(ARGS)

bench-serve: setup ## Latency at a fixed rate, saturation, durable ingest (needs npm and wrk)
	@$(BIN)/python benchmarks/serve.py $(ARGS)

bench-links: setup ## Links of Wikipedia's editors by DUVE's encoder (ARGS="--ablations" for its variants)
	@$(BIN)/python benchmarks/links.py $(ARGS)

bench-tuning: setup ## Searchers on problems with known optima; goes on where it stopped
	@PYTHONPATH=reproductions $(BIN)/python benchmarks/tuning.py $(ARGS)

bench-policies: setup ## What policies earn beside what was forecast from another one's slates
	@$(BIN)/python benchmarks/policies.py $(ARGS)

bench-value: setup ## Forecasts of spend beside their rivals (ARGS="--ablations" or "--streaming")
	@$(BIN)/python benchmarks/value.py $(ARGS)

reproduce-mlboa: setup ## The tuned LSTM beside others, and its table of settings (ARGS="--table 256")
	@PYTHONPATH=benchmarks $(BIN)/python reproductions/mlboa.py $(ARGS)

clean: ## Remove the environment and caches
	rm -rf .venv .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
