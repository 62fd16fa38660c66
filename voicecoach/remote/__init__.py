"""Hands from outside: a broker (MQTT), a socket for scripts, buttons and lights.

Rule: what is asked outside becomes an event like any word that was heard, and goes into the drive's inbox; it decides
nothing. What happens inside is told by the records of ``record``. Nobody outside can hold the session up: its listener
only puts into bounded places. ``remotes`` opens everything; no other room needs to know what is behind it.
"""
