"""For all tests: what hypothesis tries is the same every time, so that a commit is green or red by itself.

`make slow` sets EDGEWISE_SEARCH and looks for new examples.
"""

from __future__ import annotations

import os

from hypothesis import settings

# A test that runs a model within its own process tells onnxruntime's makers nothing either.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
settings.register_profile("steady", derandomize=True, database=None)
settings.register_profile("search", derandomize=False)
settings.load_profile("search" if os.environ.get("EDGEWISE_SEARCH") else "steady")
