"""Devices: sound cards through PortAudio, WAV files, and stand-ins for a machine that has neither.

Rule: a device only carries blocks of samples; it decides nothing and knows nothing of sessions.
"""
