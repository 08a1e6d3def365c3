"""The user's data folder: recent sessions, settings, and what happens when a file is broken."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from advisor.session import Session
from advisor.store import Settings, Store

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_recent_sessions_newest_first_and_no_damaged_ones(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.recent() == ()
    for age, name in enumerate(("Old", "New")):
        path = store.sessions / f"{name}.edgewise"
        store.keep(replace(Session(), firm=f"{name} firm"), path)
        os.utime(path, (1000 + age, 1000 + age))
    (store.sessions / "broken.edgewise").write_text("{", encoding="utf-8")
    assert [s.name for s in store.recent()] == ["New firm", "Old firm"]


def test_a_new_file_never_takes_the_place_of_another(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = store.new_path(NOON)
    store.keep(Session(), first)
    second = store.new_path(NOON)
    assert first.name == "answers-2026-11-24-1200.edgewise"
    assert second != first


def test_settings_are_remembered_and_damage_costs_only_the_settings(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep_settings(Settings("dark", 150))
    assert store.settings() == Settings("dark", 150)
    (tmp_path / "settings.json").write_text('{"scheme": "pink", "text_percent": 150}', encoding="utf-8")
    assert store.settings() == Settings("system", 150)
    (tmp_path / "settings.json").write_text("[", encoding="utf-8")
    assert store.settings() == Settings()
