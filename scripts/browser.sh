#!/bin/sh
# Makes sure that a Chromium is there for rendered spiders and their tests, and says which.
set -eu
cd "$(dirname "$0")/.."

works() { [ -n "$1" ] && timeout 60 "$1" --version >/dev/null 2>&1; }
bundled() {
    .venv/bin/python -c 'from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)' 2>/dev/null || true
}
# Playwright waits half a minute for a host that does not answer, five times for each of its mirrors.
reachable() {
    .venv/bin/python -c 'import sys, urllib.error, urllib.request
try:
    urllib.request.urlopen(sys.argv[1], timeout=5)
except urllib.error.HTTPError:
    pass' "${PLAYWRIGHT_DOWNLOAD_HOST:-https://cdn.playwright.dev}" 2>/dev/null
}

# Playwright's driver needs a library that a bare Debian or Ubuntu does not have.
driver() { .venv/bin/playwright --version >/dev/null 2>&1; }
if ! driver; then
    echo "Playwright's driver does not start; installing libatomic1 with apt-get."
    if ! sh scripts/apt.sh libatomic1 || ! driver; then
        echo "Playwright's driver does not start: see .venv/bin/playwright --version." >&2
        exit 1
    fi
fi

if [ -n "${SHOPSCRAPE_CHROMIUM:-}" ]; then
    works "$SHOPSCRAPE_CHROMIUM" ||
        { echo "SHOPSCRAPE_CHROMIUM is set, but $SHOPSCRAPE_CHROMIUM is no browser that runs here." >&2; exit 1; }
    echo "Browser: $SHOPSCRAPE_CHROMIUM (SHOPSCRAPE_CHROMIUM)."
    exit 0
fi
# Ubuntu's chromium-browser is a stub that only works where snap does, so each one found is tried.
for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
    found="$(command -v "$name" || true)"
    if works "$found"; then
        echo "Browser: $found."
        exit 0
    fi
done
found="$(bundled)"
if works "$found"; then
    echo "Browser: Playwright's own, $found."
    exit 0
fi
if reachable && .venv/bin/playwright install chromium >/dev/null 2>&1; then
    found="$(bundled)"
    # It comes without the libraries that it needs.
    works "$found" || .venv/bin/playwright install-deps chromium >/dev/null 2>&1 || true
    if works "$found"; then
        echo "Browser: installed Playwright's own, $found."
        exit 0
    fi
fi
if sh scripts/apt.sh chromium && works "$(command -v chromium || true)"; then
    echo "Browser: installed the distribution's chromium with apt-get."
    exit 0
fi
echo "No Chromium could be found or installed: install one (apt-get install chromium, or" >&2
echo ".venv/bin/playwright install --with-deps chromium) or set SHOPSCRAPE_CHROMIUM to its path." >&2
exit 1
