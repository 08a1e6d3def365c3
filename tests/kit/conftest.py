"""Answers with rented machines in them, as A.json has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def answer() -> Make:
    """answer(kind=..., type=..., region=...) -> the parts of a parsed A.json that are looked at; the option's id is "x"."""

    def made(
        *, kind: str = "cloud_instance", provider: str = "aws", type: str = "m7a.xlarge", region: str | None = "eu-central-1", **more: Any
    ) -> dict[str, Any]:
        part = {
            "role": "does the work", "catalog_id": f"{provider}:{type}", "what": f"{provider} {type}", "count": 1, "purchase": "on-demand",
            "region": region, "provider": provider, **more,
        }  # fmt: skip
        line = {"code": "T14", "unit": "hours", "unit_price": 0.2345}
        option = {"id": "x", "kind": kind, "parts": [part], "cost": {"currency": "EUR", "lines": [line]}}
        return {"options": [option, {"id": "no-change", "kind": "none", "parts": [], "cost": {"currency": "EUR", "lines": []}}]}

    return made
