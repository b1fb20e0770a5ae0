#!/bin/sh
# Makes .venv with the dependencies of requirements.lock, and does nothing when they are there already.
set -eu
cd "$(dirname "$0")/.."

suits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

if [ -x .venv/bin/python ] && suits .venv/bin/python && cmp -s requirements.lock .venv/installed; then
    exit 0
fi

python=""
for candidate in python3 python3.13 python3.12 python3.11 python3.14; do
    if suits "$candidate"; then
        python="$candidate"
        break
    fi
done
[ -n "$python" ] || { echo "Python 3.11 or newer is needed: apt-get install python3." >&2; exit 1; }

if ! .venv/bin/python -m pip --version >/dev/null 2>&1 || ! suits .venv/bin/python; then
    rm -rf .venv
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        # Debian and Ubuntu keep the module venv in a package of its own.
        echo "python3 -m venv does not work here; installing $python-venv with apt-get."
        rm -rf .venv
        sh scripts/apt.sh "$python-venv" ||
            { echo "Install $python-venv (apt-get install $python-venv) and try again." >&2; exit 1; }
        "$python" -m venv .venv
    fi
fi
echo "Installing the locked dependencies into .venv."
.venv/bin/python -m pip install -qq --disable-pip-version-check --requirement requirements.lock
cp requirements.lock .venv/installed
