"""Run the measurements, print them as tables, and keep them with machine and date in ``bench/results``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import (
    appliance,
    callback,
    devices,
    echo,
    fuzz,
    hearing_latency,
    humans,
    journal,
    phrases,
    power,
    routines,
    sessions,
    soak,
)
from bench.machine import machine
from bench.recordings import RecordingsError

RESULTS = Path(__file__).parent / "results"

Row = dict[str, object]


def hearing() -> list[Row]:
    """Return our ear beside the plain loop, a row for each condition and kind of word."""
    figures, costs = hearing_latency.run(hearing_latency.MODEL)
    rows: list[Row] = [
        {
            "figure": f"{f.loop}: {f.words}, {f.condition}",
            "right": f"{f.right} of {f.total}",
            "wrong first / twice": f"{f.wrong_first} / {f.twice}",
            "word end to act, ms (median)": round(1000 * f.median),
            "word end to act, ms (p95)": round(1000 * f.p95),
            "cpu seconds a second of sound": round(f.cpu, 4),
        }
        for f in figures
    ]
    return [*rows, {"figure": "cost of listening", **{key: round(value, 4) for key, value in costs.items()}}]


MEASUREMENTS: dict[str, Callable[[], list[Row]]] = {
    "sessions": lambda: [
        sessions.rehearsing("lumbar-stabilisation"),
        sessions.playing("lumbar-stabilisation", listening=False),
        sessions.playing("lumbar-stabilisation", listening=True),
        sessions.starting(),
    ],
    "routines": routines.rows,
    "hearing": hearing,
    "echo": echo.rows,
    "appliance": appliance.rows,
    "callback": callback.rows,
    "devices": devices.rows,
    "journal": lambda: [journal.writing(), journal.killing()],
    "fuzz": fuzz.rows,
    "humans": humans.rows,
    "phrases": lambda: phrases.rows(*phrases.run()),
    "power": power.rows,
}

LONG: dict[str, Callable[[float], list[Row]]] = {"soak": soak.rows}
"""Run only where they are named: they take as many minutes as they are given."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument(
        "which", nargs="*", choices=[[], *MEASUREMENTS, *LONG], help=f"all but {', '.join(LONG)} if none is named"
    )
    parser.add_argument("--minutes", type=float, default=soak.MINUTES, help="of wall time, for what runs long")
    given = parser.parse_args()
    chosen = given.which or list(MEASUREMENTS)
    console = Console(width=110)
    for name in chosen:
        here = machine()
        try:
            rows = LONG[name](given.minutes) if name in LONG else MEASUREMENTS[name]()
        except RecordingsError as error:
            parser.error(str(error))
        console.print(f"\n[bold]{name}[/]  {', '.join(here.values())}", highlight=False)
        for row in rows:
            console.print(f"\n{row['figure']}", highlight=False)
            table = Table(box=None, show_header=False, padding=(0, 2))
            for key, value in row.items():
                if key != "figure":
                    table.add_row(key, str(value))
            console.print(table)
        if any("skipped" in row for row in rows):
            continue  # what was measured before stays
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps({"machine": here, "rows": rows}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
