"""Calibration: what two devices, a room and a voice are like, found out once and used from then on.

Rule: ``measures`` and ``interview`` are pure; ``store`` is the file; ``probe`` has the devices; ``dialogue`` is what is
said and asked. None of them knows the command line or a session.
"""
