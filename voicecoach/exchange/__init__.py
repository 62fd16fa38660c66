"""Routines from and to other programs: what they wrote becomes a routine file, a routine becomes what they read."""
