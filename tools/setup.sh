#!/usr/bin/env bash
# The virtual environment with the locked packages. One line while it works, one sentence when it cannot.
set -euo pipefail
python=$1 venv=$2
fail() { echo "linli: $1" >&2; exit 1; }
command -v "$python" >/dev/null || fail "Python 3.11 or newer is needed; none was found"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or newer is needed; $python is $("$python" -V 2>&1)"
[ "$(df -Pk . | awk 'NR==2 {print int($4/1024)}')" -ge 900 ] || fail "about 900 MB of free disk are needed here for the packages"
echo "linli: preparing $venv (first time, about a minute)"
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv" 2>/dev/null || fail "$python has no venv module (on Debian: apt-get install python3-venv)"
"$venv/bin/python" -m pip install -q --disable-pip-version-check -r requirements.lock || fail "the packages could not be installed; the lines above say why"
"$venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps -e . || fail "Linli itself could not be installed; the lines above say why"
PYTHONPATH=src "$venv/bin/python" -m linli.project.messages
touch "$venv/.ready"
