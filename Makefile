# Needs Python 3.11+ and make. Node comes from PyPI, the CDK CLI from package.json.

PYTHON   ?= python3
VENV     := .venv
SETTINGS ?= settings/production.toml
OUT      ?= cdk.out
# The environment's own python, node and cdk come first; nothing of the machine's Node is used.
export PATH := $(CURDIR)/$(VENV)/bin:$(CURDIR)/node_modules/.bin:$(PATH)

SETUP   := $(VENV)/.setup-done
PINNED  := requirements.txt requirements-dev.txt constraints.txt package.json package-lock.json pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup rehearse test check synth golden fix lock docs pictures bench mutants coverage soak clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(SETUP) ## .venv with Python packages and Node, and the CDK CLI

$(SETUP): $(PINNED)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is %s: make PYTHON=python3.11 ..." % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --requirement requirements-dev.txt
	$(VENV)/bin/python -m pip install --quiet --no-deps --editable .
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

rehearse: $(SETUP) ## the whole life of the settings on an embedded AWS: bootstrap to destroy
	studio-infra rehearse --settings $(SETTINGS)

test: $(SETUP) ## the whole test suite: a process for each processor, and one more, as many tests wait for servers
	pytest --numprocesses=$$(expr $$(getconf _NPROCESSORS_ONLN) + 1) --dist=loadfile --no-loadscope-reorder --max-worker-restart=0

check: $(SETUP) ## what a change must pass besides the tests: style, types, floors, shell
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	shellcheck $$(git ls-files '*.sh') .ci/run

synth: $(SETUP) ## the CloudFormation of SETTINGS, written to OUT
	cdk synth --quiet --no-notices --output $(OUT) --context settings=$(SETTINGS)

golden: $(SETUP) ## write the golden templates anew; read the difference before you commit it
	pytest tests/golden --update-golden
	python -m docsite.diagrams docs/diagrams

fix: $(SETUP) ## format, and mend what the linter can mend
	ruff check --fix .
	ruff format .

lock: ## pin everything that the direct dependencies pull in
	rm -rf .venv-lock
	$(PYTHON) -m venv .venv-lock
	sed '/^-c /d' requirements.txt > .venv-lock/requirements.txt
	sed 's/^-r .*/-r requirements.txt/' requirements-dev.txt > .venv-lock/requirements-dev.txt
	.venv-lock/bin/python -m pip install --quiet --requirement .venv-lock/requirements-dev.txt
	( echo '# Made by `make lock`: every package of the environment, exactly.'; .venv-lock/bin/python -m pip freeze ) > constraints.txt
	rm -rf .venv-lock

pictures: $(SETUP) ## take the pictures of the review page anew; needs chromium and chromium-driver
	python -m tests.review.report.pictures docs/images

bench: $(SETUP) ## the project's own figures in one table; BENCH="--quick", "--suite", "--write", "--only roster"
	python -m benchmarks $(BENCH)

mutants: $(SETUP) ## whether the tests notice: the cores changed in one place at a time, an hour; CORES="drain guard" for some
	python -m benchmarks.mutants $(CORES)

coverage: $(SETUP) ## which lines and branches the tests reach, in every process that they start, room by room; an hour
	coverage erase
	coverage run -m pytest --numprocesses=$$(getconf _NPROCESSORS_ONLN) --dist=loadfile --no-loadscope-reorder --max-worker-restart=0
	coverage combine --quiet
	coverage json -q -o .coverage.json
	python -m benchmarks.covered .coverage.json

soak: $(SETUP) ## what a change need not wait for, thousands of crashes, endpoints, people and edits of a roster; an hour
	STUDIO_INFRA_CRASHES=10000 STUDIO_INFRA_ENDPOINTS=10000 STUDIO_INFRA_EXAMPLES=1000 STUDIO_INFRA_PEOPLE=1000 pytest \
	  tests/runtime/domain_drain/test_crashes.py tests/runtime/idle_sweeper/test_crashes.py \
	  tests/runtime/endpoint_lifetime/test_timelines.py tests/studio/people/test_roster_edits.py \
	  tests/rehearsal/test_a_thousand_people.py

docs: $(SETUP) ## generate docs/reference and docs/diagrams from the code, and build the site of the documentation into site/
	python -m studio_infra.cli.reference docs/reference
	python -m docsite.diagrams docs/diagrams
	NO_MKDOCS_2_WARNING=1 mkdocs build --quiet --strict

clean: ## remove what the targets above made
	rm -rf $(VENV) node_modules cdk.out site .rehearsal .mypy_cache .pytest_cache .ruff_cache .hypothesis
