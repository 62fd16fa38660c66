"""voicecoach: a routine is read aloud, counted and timed, and obeys the voice of the person on the floor."""

__version__ = "0.1.0"
