.PHONY: setup test lint demo
# Everything that these commands need is set up by themselves; see scripts/setup.sh.

setup: .venv/ready

.venv/ready: requirements.lock scripts/setup.sh
	@sh scripts/setup.sh
	@touch .venv/ready

test: setup
	@.venv/bin/python -m pytest

lint: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

demo: setup
	@PATH="$(CURDIR)/.venv/bin:$$PATH" sh scripts/demo.sh
