#!/usr/bin/env bash
# Everything that is checked without running Linli. Quiet when green; the first failing tool's output is shown.
set -uo pipefail
bin=$1 failed=0
run() { # name, command …
  local out; if ! out=$("${@:2}" 2>&1); then failed=1; echo "── $1"; echo "$out" | tail -60; fi
}
export LINLI_SECRET_KEY=check DJANGO_SETTINGS_MODULE=linli.project.settings
run "ruff" "$bin/ruff" check -q .
run "ruff format" "$bin/ruff" format --check -q .
run "types" "$bin/mypy" --no-error-summary
run "imports" "$bin/lint-imports"
run "house" "$bin/python" tools/house.py
run "promises" "$bin/python" tools/promises.py
run "wire" "$bin/python" tools/wire_coverage.py --check
run "migrations" "$bin/python" tools/migrations.py
run "templates" bash -c "git ls-files 'src/**/*.html' | xargs -r $bin/djade --check --target-version 5.2"
[ $failed = 0 ] && echo "check: lint, types, imports, sizes, promises, migrations, templates are well"
exit $failed
