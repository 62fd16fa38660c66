"""The coach as an appliance: it waits to be called, plays a session, and waits again.

Rule: what is decided between sessions is decided in ``core/standby``; this room gives it a clock, names and devices.
"""
