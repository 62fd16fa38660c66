"""The power is cut while the appliance plays: the next start is ready, and takes the session up. (More: bench/power.)"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.power import cuts

pytestmark = [pytest.mark.voice]


@pytest.mark.parametrize("live", [False, True], ids=["files", "live"])
def test_whenever_the_power_is_cut_it_starts_again_and_goes_on(tmp_path: Path, *, live: bool) -> None:
    found = list(cuts(tmp_path, 3 if live else 2, seed=5, live=live))
    assert len(found) >= (3 if live else 2)
    for one in found:
        assert one["ready"], one
        assert one["resumed"], one
        assert one["journal"], one
        assert one["cache"], one
        assert not live or one.get("seconds back", 0.0) < 10.0, one
    assert not live or any("seconds back" in one for one in found), "one of them at least was taken up"
