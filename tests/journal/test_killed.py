"""Killed at any moment, a session leaves a whole journal with all but its last moment in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
KILLS, SEED = 200, 20261121
AT_MOST = 1.0
"""Seconds of a session, by its own wall clock, that a kill may cost."""


def test_whenever_it_is_killed_all_but_the_last_second_is_kept(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.journal.killing", str(tmp_path), str(KILLS), str(SEED)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=300, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == KILLS
    assert {entry["code"] for entry in found} == {-9}
    for entry in found:
        assert entry["integrity"] == "ok"
        assert entry["prefix"], entry
        # A disk that takes longer than that for one commit (others may be at it) is not ours to hurry.
        assert entry["lost_seconds"] - entry["of which the disk was at work"] <= AT_MOST, entry
        assert entry.get("can be taken up", True), entry
    assert sum("can be taken up" in entry for entry in found) >= KILLS / 20
    assert sum(entry["stored"] > 0 for entry in found) > KILLS / 2, "the kills did not reach into the work"
    assert any(entry["lost"] for entry in found), "the kills left nothing to lose"
    assert any(entry["lived"] > AT_MOST for entry in found), "nobody lived long enough to lose too much"
