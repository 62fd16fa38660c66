"""The systemd unit of the appliance: what is run, when it is started again, and when it counts as dead.

Rule: a user's unit, never the system's: the sound server belongs to the person who is logged in, and nothing here needs
more rights than they have.
"""

from __future__ import annotations

from collections.abc import Sequence

NAME = "voicecoach.service"
WATCHDOG = 30
"""Seconds without a sign of life after which it is ended and started again."""
STARTING = 300
"""Seconds that it may take to be ready: the first start renders every line, on the slowest Pi."""
STOPPING = 20
"""Seconds that it may take to end in order; then it is killed."""

WRONG = 2
"""The exit code of voicecoach where something is given wrongly, such as a setting."""

_UNIT = """\
# Written by `voicecoach service install`, and again by the next one: put what you change beside it,
# with `systemctl --user edit voicecoach`.
[Unit]
Description=voicecoach: exercises by voice
After=pipewire-pulse.service pipewire.service pulseaudio.service
# However often it has failed, it is tried again: a loudspeaker may be plugged in tomorrow.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
Restart=always
RestartSec=3
# What is given wrongly (2) is as wrong the next time. Ended by a signal, it says so with 130: that is no failure.
RestartPreventExitStatus={wrong}
SuccessExitStatus=130
WatchdogSec={watchdog}
TimeoutStartSec={starting}
TimeoutStopSec={stopping}
# A process that hangs in a sound driver may not heed any other signal, and its core is of no use to anybody.
WatchdogSignal=SIGKILL
LimitCORE=0
SyslogIdentifier=voicecoach
Environment=PYTHONUNBUFFERED=1
UMask=0077
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""


def unit(command: Sequence[str]) -> str:
    """Return the unit that runs ``command``. Raises ``ValueError`` where an argument holds a line break."""
    words = " ".join(map(quoted, command))
    return _UNIT.format(command=words, watchdog=WATCHDOG, starting=STARTING, stopping=STOPPING, wrong=WRONG)


def quoted(argument: str) -> str:
    """Return an argument as ``ExecStart=`` takes it (``systemd.service(5)``, "Command lines"): nothing is expanded."""
    if any(ord(mark) < 32 for mark in argument):
        raise ValueError(f"{argument!r} holds a control character")
    plain = argument.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{plain}"'
