#!/usr/bin/env bash
# Works the exact package versions and hashes out anew. Index addresses never go into the files.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install --quiet uv
index="$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)"
if [ -n "$index" ]; then export UV_DEFAULT_INDEX="$index"; fi
common=(--universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --upgrade --quiet)
.venv/bin/uv pip compile pyproject.toml "${common[@]}" -o requirements.txt
.venv/bin/uv pip compile pyproject.toml --extra dev "${common[@]}" -o requirements-dev.txt
