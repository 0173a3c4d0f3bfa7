#!/usr/bin/env bash
# A C compiler for the tests of the archive's native library. Where it cannot be installed, those tests are skipped and say so.
set -uo pipefail
for name in cc gcc clang; do command -v "$name" >/dev/null && exit 0; done
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "linli: no C compiler is here and none can be installed; the tests of the native archive will be skipped"; exit 0
fi
echo "linli: installing a C compiler for the tests of the native archive"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev; } >"$log" 2>&1 \
  || { echo "linli: it could not be installed (see the lines below); those tests will be skipped"; tail -2 "$log"; }
exit 0
