# `make help` lists the targets.
#
# PIP_OPTIONS is handed to every `pip install`. On Linux torch's default build brings several GB of CUDA libraries; a folder
# with a CPU wheel saves them:   make demo PIP_OPTIONS="--find-links /path/to/cpu-wheels"
PIP_OPTIONS ?=
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

MODELS ?=

.PHONY: help demo test test-base apk constraints readme clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

demo: $(READY) ## from a fresh machine to verified, measured files and an HTML report
	$(RUN) -m pocketbert demo

test: $(READY) ## the tests
	$(RUN) -m ruff check .
	$(RUN) -m pyright
	$(RUN) -m pytest --numprocesses 2

# What works without torch, on a Python that may have none; the files that it reads are exported here first.
BASE := build/base
BASE_PYTHON ?= python3
BASE_TESTS := tests/tasks tests/bench tests/edge_export/artifact tests/edge_export/test_verify.py tests/pocketbert/test_cli.py
test-base: $(READY) ## the base install's tests on another Python: make test-base BASE_PYTHON=python3.13
	rm -rf build
	POCKETBERT_TEST_SEALED=build/sealed $(RUN) -m pytest tests/edge_export/test_verify.py
	$(BASE_PYTHON) -m venv --clear $(BASE)
	$(BASE)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) . pytest pytest-timeout pytest-xdist
	$(BASE)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) --no-deps executorch==1.5.1 \
		|| echo "executorch has no wheel for this Python: its tests are skipped"
	POCKETBERT_TEST_SEALED=build/sealed $(BASE)/bin/python -m pytest --numprocesses 2 -rs $(BASE_TESTS)

# RECORD=results/apk.json writes down what it weighs.
apk: $(READY) ## a signed APK of the app with the demo's .pte, or with MODELS="a.pte b.pte"; needs JDK 17, Maven and npm
	$(RUN) tools/android/apk.py $(MODELS) $(if $(RECORD),--record $(RECORD))

# Asked before anything is downloaded: 3.11 is tested, others may work up to 3.14; 3.10 reads, predicts and benches only.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 14) else "Python %d.%d cannot train or export; install Python 3.11 and run: make PYTHON=python3.11" % v)'
	@$(PYTHON) -c 'import shutil; free = shutil.disk_usage(".").free / 1e9; print("This needs up to 9 GB of disk (8 for the environment, of which torch with CUDA is most, 1 for the demo); %.0f GB are free." % free)'
	test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check $(PIP_OPTIONS) -c constraints.txt -e '.[dev]'
	touch $(READY)

# The versions that were tested together, written anew from an environment in which the newest that pyproject.toml allows
# were installed. No addresses; CUDA's own packages are left out so that a CPU build of torch fits too.
constraints: ## constraints.txt anew, from the newest versions that pyproject.toml allows
	rm -rf .constraints-venv
	$(PYTHON) -m venv .constraints-venv
	.constraints-venv/bin/python -m pip install --quiet --upgrade $(PIP_OPTIONS) '.[dev]'
	.constraints-venv/bin/python -m pip freeze --all --exclude pocketbert --exclude pip \
		| sed -e 's/+cpu$$//' -e '/ @ /d' | grep -v -i -E '^(nvidia|cuda|triton)' > constraints.txt
	rm -rf .constraints-venv

readme: $(READY) ## the tables in README and docs, from the records in results/ and from the recipe's sections
	$(RUN) -m pocketbert.report.readme --write

clean: ## everything that was made here, the environment included
	rm -rf $(VENV) runs build dist *.egg-info
