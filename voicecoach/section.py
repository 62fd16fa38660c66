"""What every section of the configuration is: frozen, and strict about its keys and values.

Rule: no section here; they stand in ``config``, and those of a room that needs many rules of its own in that room.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section of config.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)
