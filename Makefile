.PHONY: setup browser test lint demo bench facts clean
# Every command does the set-up that it needs by itself, and only when something is missing: scripts/setup.sh makes
# .venv with the locked dependencies, scripts/browser.sh finds or installs a Chromium.

setup:
	@sh scripts/setup.sh

browser: setup
	@sh scripts/browser.sh

# Two workers, a file each at a time, in the order of their names: long ones come early. Held to 15 minutes on two cores.
test: browser
	@.venv/bin/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --durations 15

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
