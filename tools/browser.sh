#!/usr/bin/env bash
# Chromium and a Chinese font for the browser test. Where they cannot be installed, the test is skipped and says so.
set -uo pipefail
command -v chromium >/dev/null && [ -n "$(fc-list 2>/dev/null | grep -i 'noto.*cjk')" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "linli: Chromium or a Chinese font is missing and cannot be installed here; the browser test will be skipped"; exit 0
fi
echo "linli: installing Chromium and a Chinese font for the browser test"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fonts-noto-color-emoji fontconfig; } >"$log" 2>&1 \
  || { echo "linli: they could not be installed (see the lines below); the browser test will be skipped"; tail -2 "$log"; }
exit 0
