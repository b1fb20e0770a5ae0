#!/bin/sh
# Installs packages of the distribution, as root or through sudo where that asks for no password; fails otherwise.
set -eu
command -v apt-get >/dev/null 2>&1 || exit 1
root=""
if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || exit 1
    root="sudo -n"
fi
# The package lists may be old, or missing as in a fresh container; with lists that cannot be fetched the install
# may still work.
$root apt-get update -qq >/dev/null 2>&1 || true
said="$($root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" 2>&1)" ||
    { echo "$said" >&2; exit 1; }
