"""The ledger: every number that is shown, once, with where it comes from.

Words are made from the ledger's `text_form`, never from a bare number, so a figure without a source cannot be
written down at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.advice import LedgerRow

if TYPE_CHECKING:
    from advisor.evidence import Basis


class Ledger:
    """Collects rows while an answer is put into words; an id stands for one fact only."""

    def __init__(self) -> None:
        self._rows: dict[str, LedgerRow] = {}

    def note(
        self,
        id: str,
        value: float | str,
        unit: str,
        text_form: str,
        basis: Basis,
        source: str,
        as_of: str | None = None,
        low: float | None = None,
        high: float | None = None,
    ) -> str:
        """Enters a number and returns the words it is shown as.

        Raises:
            ValueError: the id already stands for another fact. This is a defect of ours.
        """
        row = LedgerRow(id, value, unit, text_form, basis, source, as_of, low, high)
        known = self._rows.setdefault(id, row)
        if (known.value, known.text_form, known.unit) != (value, text_form, unit):
            msg = f"ledger id {id} stands for {known.value} ({known.text_form}) and for {value} ({text_form})"
            raise ValueError(msg)
        return text_form

    def rows(self) -> tuple[LedgerRow, ...]:
        """All rows in the order they were entered."""
        return tuple(self._rows.values())
