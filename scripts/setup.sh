#!/bin/sh
# Makes .venv with the locked dependencies. On Debian and Ubuntu, python3 -m venv needs a package of its own.
set -eu
python=""
for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python="$candidate"
        break
    fi
done
[ -n "$python" ] || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
root=""
[ "$(id -u)" = 0 ] || root="sudo -n"
if [ ! -x .venv/bin/pip ]; then
    rm -rf .venv
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        echo "python3 -m venv does not work here; installing python3-venv with apt-get." >&2
        rm -rf .venv
        $root apt-get update -qq >/dev/null && $root apt-get install -y -qq python3-venv >/dev/null ||
            { echo "Install python3-venv (apt-get install python3-venv) and try again." >&2; exit 1; }
        "$python" -m venv .venv
    fi
fi
.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.lock
