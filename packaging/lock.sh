#!/usr/bin/env bash
# Works the exact package versions and hashes out anew. Index addresses never go into the files; for an index of your
# own set UV_DEFAULT_INDEX.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install --quiet uv
common=(--universal --generate-hashes --no-header --python-version 3.11 --upgrade --quiet)
.venv/bin/uv pip compile pyproject.toml "${common[@]}" -o requirements.txt
.venv/bin/uv pip compile pyproject.toml --extra dev "${common[@]}" -o requirements-dev.txt
echo "skypilot>=0.14.1" | .venv/bin/uv pip compile - "${common[@]}" -o requirements-skypilot.txt
