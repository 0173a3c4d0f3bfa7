#!/usr/bin/env bash
# What is publicly known against the pinned packages, by pip-audit in an environment of its own. Ends with 0: nothing; 1: something,
# listed; 2: the advisories were not reached, so nothing is known (a package about which nothing could be asked counts as that).
set -uo pipefail
python=$1 venv=$2
unknown() { echo "advisories: not known: $1" >&2; exit 2; }
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || unknown "$python makes no environment"
if [ ! -x "$venv/bin/pip-audit" ]; then
  "$venv/bin/python" -m pip install -q --disable-pip-version-check pip-audit || unknown "pip-audit could not be installed"
fi
out=$("$venv/bin/pip-audit" --strict --disable-pip --no-deps --progress-spinner off --timeout "${ADVISORIES_TIMEOUT:-15}" -r requirements.lock 2>&1)
code=$?
echo "$out" | tail -40
[ $code = 0 ] && exit 0
# pip-audit ends with 1 both when it found something and when it could not ask: only its table says that it found something.
echo "$out" | grep -q "^Found [0-9]* known vulnerabilit" && exit 1
unknown "the advisory service did not answer (lines above); ask again from a machine that reaches it"
