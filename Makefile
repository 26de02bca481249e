# The project's commands. They need only make and Python 3.11 or newer.

PYTHON ?= python3
UV_VERSION := 0.13.9
# Not .venv: that is the Astro CLI's own in standalone mode, and `astro dev kill` deletes it.
VENV := .local/venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DBT_PROJECT := include/transform
DBT := $(BIN)/dbt --quiet
PROJECT_DIRS := --project-dir $(DBT_PROJECT) --profiles-dir $(DBT_PROJECT)

# Caches are in the checkout where the home cannot be written.
ifeq ($(shell mkdir -p "$${XDG_CACHE_HOME:-$$HOME/.cache}" 2>/dev/null && test -w "$${XDG_CACHE_HOME:-$$HOME/.cache}" && echo yes),)
export UV_CACHE_DIR := $(CURDIR)/.local/cache/uv
export PIP_CACHE_DIR := $(CURDIR)/.local/cache/pip
endif

# Behind commands that only people type: the command has said what to do (exit code 2), and make adds
# no error of its own. `run`, `cloud` and `env` fail as they are, for scripts.
REFUSED := || [ $$? -eq 2 ]

# Without bytecode files each of Airflow's processes compiles all its imports, which doubles its start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test chaos clears mutants lint licences bench format manifest site newest cloud env stop clean break fix dashboard analysis screenshots new-source

help:  ## List the commands.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-11s %s\n", $$1, $$2 }'

run: $(INSTALLED)  ## Start the laptop's cloud and Airflow, run the whole pipeline, show the metrics.
	@$(BIN)/python -m local run

test: $(INSTALLED) manifest  ## Run every test except the two days of chaos; first the quick ones.
	@$(BIN)/python -m pytest -m "not slow and not chaos" --numprocesses=auto
	@$(BIN)/python -m pytest -m "slow and not chaos" --numprocesses=auto

chaos: $(INSTALLED) manifest  ## Simulate two days of killed and failing tasks: make chaos SEED=7
	@CHAOS_SEED="$(SEED)" $(BIN)/python -m pytest --numprocesses=0 -m chaos -s tests/chaos

clears: $(INSTALLED) manifest  ## Clear every task of every DAG that publishes or releases.
	@$(BIN)/python -m pytest --numprocesses=0 -m chaos tests/stories

mutants: $(INSTALLED) manifest  ## Mutate the code in sampled places, list what no test notices: make mutants SEED=7
	@$(BIN)/python -m tools.mutants $(if $(CHECK),--check) $(if $(SEED),--seed=$(SEED)) \
		$(if $(PACKAGE),--package=$(PACKAGE)) $(if $(MINUTES),--minutes=$(MINUTES)) $(if $(COUNT),--count=$(COUNT))

lint: $(INSTALLED)  ## Check style, types, imports, SQL, workflows and secrets.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/sqlfluff lint --disable-progress-bar $(DBT_PROJECT) include/publishing include/dashboard
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet --no-progress .github
	$(BIN)/python -m tools.secrets
	@if command -v terraform >/dev/null; then TF_CLI_CONFIG_FILE=/dev/null terraform fmt -check -recursive terraform; \
		else echo "terraform is not installed: its files' format was not checked"; fi

licences: $(INSTALLED)  ## Fail on a dependency whose licence is not allowed.
	@$(BIN)/pip-licenses --summary --order count

bench: $(INSTALLED) manifest  ## Measure speed and cost; writes the tables of the docs.
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r bench/requirements.txt
	@for each in arcgis parsing refresh; do $(BIN)/python -m bench.$$each --write docs/performance.md; done
	@for each in history bill; do $(BIN)/python -m bench.$$each --write docs/cost.md; done
	@$(BIN)/python -m bench.growth --write docs/retention.md

format: $(INSTALLED)  ## Fix the style.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

manifest: $(INSTALLED)  ## Parse the dbt project: the DAGs read their dbt tasks from the result.
	@$(DBT) parse $(PROJECT_DIRS)

site: $(INSTALLED) manifest  ## Build the documentation as a site.
	@$(BIN)/python -m tools.site

newest: $(INSTALLED)  ## Install the newest packages that the pins' ranges allow, as the nightly run does.
	@$(BIN)/python -m tools.newest
	@$(BIN)/uv pip install --quiet --python $(BIN)/python \
		-r .local/newest/requirements-dev.txt -c .local/newest/constraints.txt

cloud: $(INSTALLED)  ## Start the laptop's cloud only, without Airflow.
	@$(BIN)/python -m local cloud

env: cloud manifest  ## Write .env, so that the Astro CLI's Airflow works on the laptop's cloud.
	@$(BIN)/python -m local env

break: $(INSTALLED)  ## Start a fault in a source: make break SOURCE=usace FAULT=error-200; alone it lists them
	@$(BIN)/python -m local break "$(SOURCE)" "$(FAULT)" $(REFUSED)

fix: $(INSTALLED)  ## Remove all faults.
	@$(BIN)/python -m local fix $(REFUSED)

new-source: $(INSTALLED)  ## Write the files of a new source; asks, or NAME=la_city KIND=arcgis|json|fivetran.
	@$(BIN)/python -m tools.new_source --name "$(NAME)" --kind "$(KIND)" $(REFUSED)

dashboard: $(INSTALLED)  ## Open the dashboard on the running laptop, after make run.
	@$(BIN)/python -m local dashboard $(REFUSED)

analysis: $(INSTALLED)  ## Run an analysis on the running laptop: make analysis NAME=parcel_waits; alone it lists them
	@$(BIN)/python -m local analysis "$(NAME)" $(REFUSED)

screenshots: $(INSTALLED)  ## Take the docs' screenshots on the running laptop; needs Chromium.
	@$(BIN)/python -m local screenshots $(REFUSED)

stop:  ## Stop everything that run or cloud started; end a start that is running.
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m local stop $(REFUSED); else echo "Nothing is installed, so nothing runs."; fi

clean: stop  ## Stop everything, and delete what these commands created.
	rm -rf $(VENV) .local $(DBT_PROJECT)/target $(DBT_PROJECT)/logs .mypy_cache .pytest_cache .ruff_cache .hypothesis

# uv installs in seconds; where it cannot reach an index that pip is configured for, pip does.
$(INSTALLED): requirements.txt requirements-dev.txt requirements-terraform.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 run"; exit 1; }
	@mkdir -p .local 2>/dev/null && [ -w .local ] \
		|| { echo "$(CURDIR) cannot be written: use a checkout of your own."; exit 1; }
	@echo "Installing the pinned packages into $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt -c constraints.txt \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -r requirements-terraform.txt \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-terraform.txt
	@touch $@
