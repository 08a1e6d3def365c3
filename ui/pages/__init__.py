"""The pages of the wizard, one a file. They know neither the shell nor each other."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from ui.outside import Outside
    from ui.page import Page


def make_page(page_id: str, outside: Outside) -> Page:
    """The page with this id; its module is read only now, so that the first page shows at once."""
    module = import_module(f"ui.pages.{page_id}")
    return cast("Page", module.PAGE(outside))
