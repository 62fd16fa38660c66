"""What holds for every test of the journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from voicecoach.journal.keeper import Keeper
from voicecoach.journal.store import Store


@pytest.fixture(autouse=True)
def _whatever_is_opened_is_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    opened: list[Store] = []
    really = Store.open

    def open_(path: Path) -> Store:
        opened.append(really(path))
        return opened[-1]

    keepers: list[Keeper] = []
    make = Keeper.__init__

    def init(self: Keeper, *args: Any, **kwargs: Any) -> None:
        keepers.append(self)
        make(self, *args, **kwargs)

    monkeypatch.setattr(Store, "open", open_)
    monkeypatch.setattr(Keeper, "__init__", init)
    yield
    for keeper in keepers:
        keeper.close()
    for store in opened:
        store.close()
