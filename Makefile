# All recipes run in this folder with the private Python of .venv; paths stay relative, so the folder may have any name.
.PHONY: setup run demo test check fix bench exam shots catalogs package slow
PY = .venv/bin/python
export PYTHONUTF8 = 1

setup:
	@packaging/setup.sh test

run:
	@packaging/setup.sh run
	@# A display may be named and yet not answer (a closed connection); Qt would end the program, so we ask first.
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] && $(PY) -c 'from PySide6.QtGui import QGuiApplication as G; G([])' >/dev/null 2>&1; \
	then $(PY) -m ui; else $(PY) -m advisor demo --out-dir out; fi

demo:
	@packaging/setup.sh run
	@$(PY) -m advisor demo --out-dir out

test:
	@packaging/setup.sh test
	@$(MAKE) --no-print-directory check
	QT_QPA_PLATFORM=offscreen $(PY) -m pytest --cov --cov-report=term:skip-covered

check:
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command as check; check()'
	$(PY) -m codespell_lib .
	$(PY) -m advisor catalog check
	$(PY) -m tests.wording

fix:
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench:
	@packaging/setup.sh test
	@$(PY) -m tests.bench

exam:
	@packaging/setup.sh test
	@$(PY) -m tests.exam

shots:
	@packaging/setup.sh test
	@QT_QPA_PLATFORM=offscreen $(PY) -m ui.shots

catalogs:
	@packaging/setup.sh test
	@$(PY) -m catalogs.build

package:
	@echo "There is no installer yet. Until then: make run." && exit 1

slow:
	@packaging/setup.sh test
	@packaging/skypilot.sh
	QT_QPA_PLATFORM=offscreen $(PY) -m pytest -m slow
	@# The properties once more, with examples that nobody tried before.
	EDGEWISE_SEARCH=1 QT_QPA_PLATFORM=offscreen $(PY) -m pytest tests/advisor tests/options tests/explain tests/forecast tests/report
