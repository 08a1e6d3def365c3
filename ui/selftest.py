"""Opens every page once, without showing the window: what an installed program must be able to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor import flow

if TYPE_CHECKING:
    from ui.shell import Shell


def every_page(window: Shell) -> str:
    """A line that says how many pages were drawn; any error ends the program."""
    pages = [p for p in flow.PAGES if p != flow.RESULT]
    for page in pages:
        window.go(page)
    window.go(flow.START)
    window.open_catalog()
    # It reads beside the window: nothing may be left running.
    window.page.close_down()
    window.back()
    return f"{len(pages) + 1} pages drawn"
