"""``python -m voicecoach``: the command line."""

from voicecoach.cli import main

main(prog_name="voicecoach")
