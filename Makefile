.PHONY: setup browser test lint demo bench facts clean
# Every command does the set-up that it needs by itself, and only when something is missing: scripts/setup.sh makes
# .venv with the locked dependencies, scripts/browser.sh finds or installs a Chromium.

setup:
	@sh scripts/setup.sh

browser: setup
	@sh scripts/browser.sh

test: browser
	@.venv/bin/python -m pytest

lint: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

demo: browser
	@.venv/bin/python -m scripts.demo

bench: browser
	@.venv/bin/python -m benchmarks $(BENCH)

# Prints the fact sheets of all platforms into docs/platforms/.
facts: setup
	@.venv/bin/python -m scripts.facts

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
