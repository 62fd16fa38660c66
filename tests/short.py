"""Routines of one exercise, for tests that need any: as a person writes them."""

from __future__ import annotations

SHORT = """
title = "Short"
[[exercise]]
name = "Bridge"
position = "hook-lying"
exit = "Lower your hips."
hold = "2 s"
"""
"""A hold."""

QUICK_ONE = """
title = "Quick one"
[[exercise]]
name = "Bridge"
position = "hook-lying"
exit = "Lower your hips slowly."
time = "2 s"
"""
"""A time, under a name that may be called."""
