#!/bin/sh
# Times the model in this folder on this computer (Linux, macOS) and leaves M.json beside this file.
cd "$(dirname "$0")" || exit 2
fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
for python in "${EDGEWISE_PYTHON:-}" python3.13 python3.12 python3.11 python3 python; do
  if [ -n "$python" ] && command -v "$python" >/dev/null 2>&1 && "$python" -c "$fits" 2>/dev/null; then
    exec "$python" program/start.py
  fi
done
# Some rented machines have only an old Python, and uv, which fetches a newer one into this folder.
for uv in uv "$HOME/.local/bin/uv"; do
  if command -v "$uv" >/dev/null 2>&1 && "$uv" venv --quiet --seed --python 3.12 .python3; then
    exec .python3/bin/python program/start.py
  fi
done
echo "The test needs Python 3.11, 3.12 or 3.13, and this computer has none of them. Install it, then start again."
exit 2
