# Short names for the commands of run.py, which also work where there is no make: python3 run.py --help
PYTHON ?= python3

.PHONY: help setup report lab test test-all lock
help:
	@$(PYTHON) run.py --help
setup:
	@$(PYTHON) run.py setup --test
report:
	@$(PYTHON) run.py report
lab:
	@$(PYTHON) run.py lab
test:
	@$(PYTHON) run.py test
test-all:
	@$(PYTHON) run.py test --all
lock:
	@$(PYTHON) run.py setup --test
	@.venv/bin/python -m tools.lock --upgrade
