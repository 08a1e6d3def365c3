#!/usr/bin/env bash
# SkyPilot in a folder of its own, for the test that reads our tasks with SkyPilot's own loader (`make slow`). 460 MB; not part
# of the program. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."
stamp=".venv-skypilot/.ready-$(sha256sum requirements-skypilot.txt | cut -c1-16)"
[ -e "$stamp" ] && exit 0
echo "Fetching SkyPilot for a test (460 MB, once)"
.venv/bin/python -m venv .venv-skypilot
if .venv-skypilot/bin/python -m pip install --disable-pip-version-check --no-input --quiet --require-hashes -r requirements-skypilot.txt >.venv-skypilot/setup.log 2>&1; then
  rm -f .venv-skypilot/.ready-*
  touch "$stamp"
else
  echo "It could not be fetched; its test is left out. Details: .venv-skypilot/setup.log"
fi
