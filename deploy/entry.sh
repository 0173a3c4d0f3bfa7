#!/bin/sh
# Secrets come as files (NAME_FILE=/run/secrets/…), never as values in compose.yaml. Then one process of the house runs.
set -eu
for name in DATABASE_URL LINLI_METRICS_TOKEN; do
  eval "file=\${${name}_FILE:-}"
  if [ -n "$file" ]; then
    export "$name=$(cat "$file")"
  fi
done
export LINLI_PROCESS="$1"
granian="python -m granian --host ${LINLI_HOST:-0.0.0.0} --workers 1 --no-ws --log-level error"
case "$1" in
  console) exec $granian --port "${LINLI_CONSOLE_PORT:-8600}" --interface wsgi --blocking-threads 4 linli.project.wsgi:application ;;
  ingress) exec $granian --port "${LINLI_INGRESS_PORT:-8601}" --interface asgi --factory linli.ingress.app:application ;;
  *) exec python -m linli.project.cli "$@" ;;
esac
