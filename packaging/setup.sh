#!/usr/bin/env bash
# Makes the folder ready: system libraries, a private Python, the exact packages. Safe to run again; quick the second time.
# usage: packaging/setup.sh run|test
set -euo pipefail
cd "$(dirname "$0")/.."
what="${1:-run}"
say() { printf '%s\n' "$*"; }

libraries=(libgl1 libegl1 libxkbcommon0 libfreetype6 libfontconfig1 libdbus-1-3
  libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxkbcommon-x11-0 libxcb-shape0)
if [ "$what" = test ]; then libraries+=(poppler-utils qpdf); fi
has() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

if command -v dpkg-query >/dev/null 2>&1; then
  missing=()
  # Debian 13 renamed GLib's package; either name will do.
  has libglib2.0-0 || has libglib2.0-0t64 || missing+=("libglib2.0-0")
  for l in "${libraries[@]}"; do has "$l" || missing+=("$l"); done
  python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
  if [ "${#missing[@]}" -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
    if [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; then
      say "Installing system libraries: ${missing[*]}"
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    else
      say "Some system libraries are missing. Run this one line, then start again:"
      say "  sudo apt-get install -y ${missing[*]}"
      python3 -c 'import venv, ensurepip' 2>/dev/null || exit 1
    fi
  fi
fi

python=""
for p in python3.13 python3.12 python3.11 python3; do
  if command -v "$p" >/dev/null 2>&1 && "$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] not in ((3,11),(3,12),(3,13)))' 2>/dev/null; then python="$p"; break; fi
done
if [ -z "$python" ]; then say "We need Python 3.11, 3.12 or 3.13. Install it, then start again."; exit 1; fi

list=requirements.txt
if [ "$what" = test ]; then list=requirements-dev.txt; fi
stamp=".venv/.ready-$what-$(cat "$list" packaging/setup.sh | sha256sum | cut -c1-16)"
if [ ! -e "$stamp" ]; then
  if [ ! -x .venv/bin/python ]; then
    say "Making a private Python in .venv"
    "$python" -m venv .venv
  fi
  say "Fetching the program's packages (about 400 MB, a few minutes the first time)"
  log=".venv/setup.log"
  # pip says a lot; one short line a package is enough to see that it moves. The whole of it is kept in the log.
  if ! .venv/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off --require-hashes -r "$list" 2>&1 \
    | tee "$log" \
    | sed -u -n -E 's/^ +(Downloading|Using cached) ([^ ]*\/)?([^ \/]+)-[0-9][^ ]* \((.*)\)$/  \3 (\4)/p; s/^Processing .*\/([^ \/]+)-[0-9][^ ]*\.whl.*/  \1/p; s/^Installing collected packages.*/Installing them (about a minute)/p'
  then
    grep -v "^WARNING" "$log" | tail -n 5
    say "The packages could not be installed. Is this computer connected to the internet? All details: $log"
    exit 1
  fi
  .venv/bin/python - "$list" <<'PY'
import importlib.metadata as metadata, pathlib, re, sys
missing = []
for line in pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
    found = re.match(r"([A-Za-z0-9_.\-]+)==([^ ;\\]+)( ;(.*?))?\s*\\?$", line)
    if not found or found[4]:
        continue
    try:
        if metadata.version(found[1]) != found[2]:
            missing.append(found[1])
    except metadata.PackageNotFoundError:
        missing.append(found[1])
if missing:
    sys.exit("These packages could not be installed: " + ", ".join(missing))
PY
  rm -f .venv/.ready-"$what"-*
  touch "$stamp"
fi
say "Ready."
