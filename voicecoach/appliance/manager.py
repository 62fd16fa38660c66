"""The user's systemd: the programs ``systemctl`` and ``loginctl``, asked for one service.

Rule: everything is asked as this person, in their own runtime folder, within a time; what fails is one sentence with
the command that mends it.
"""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from voicecoach.appliance.unit import NAME, WRONG
from voicecoach.ports import PortError

_PATIENCE = 30.0
"""Seconds for an answer of systemctl; a start may take ``STARTING``, so it is not waited for."""


class ManagerError(PortError):
    """There is no systemd for this person, or it refuses."""


@dataclass(frozen=True, slots=True)
class State:
    """How the service stands."""

    installed: bool
    enabled: bool = False
    """Whether it starts with the machine, or when the person logs in."""
    active: str = "inactive"
    """systemd's word: ``active``, ``activating``, ``failed`` or ``inactive``."""
    doing: str = ""
    """What the coach says that it is at."""
    since: str = ""
    pid: int = 0
    restarts: int = 0
    """How often systemd has started it again."""
    result: str = ""
    """How it ended last, where that was not ``success``: ``watchdog``, ``exit-code`` …"""
    code: int | None = None
    """With which exit code it ended last; None where it runs, never ran, or was ended by a signal."""
    lingers: bool | None = None
    """Whether it runs without anybody logged in; None where that cannot be found out."""

    @property
    def wrong(self) -> bool:
        """Whether something is given wrongly, so that systemd does not start it again."""
        return self.active == "failed" and self.code == WRONG


class Manager:
    """Speaks with the user's systemd."""

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        given = os.environ if env is None else env
        # Over ssh with another user's rights, or from cron, it is not set; a user's manager is always there.
        runtime = given.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
        self._env = {**given, "XDG_RUNTIME_DIR": runtime, "LC_ALL": "C"}
        config = given.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
        self.file = Path(config) / "systemd" / "user" / NAME
        """Where the unit is written."""

    def reload(self) -> None:
        """Have it read the units again. Raises ``ManagerError``."""
        self._systemctl("daemon-reload")

    def start(self) -> None:
        """Start the service, now and from now on with the machine; again, if it runs. Raises ``ManagerError``."""
        self._systemctl("enable", NAME)
        self._systemctl("restart", "--no-block", NAME)

    def stop(self) -> None:
        """Stop the service, and start it no more by itself. Raises ``ManagerError``."""
        self._systemctl("disable", "--now", NAME)

    def linger(self) -> None:
        """Have this person's services run without them logged in. Raises ``ManagerError``."""
        self._run("loginctl", "enable-linger", mend=f"sudo loginctl enable-linger {getpass.getuser()}")

    @property
    def lingers(self) -> bool | None:
        """Whether they do; None where that cannot be found out."""
        try:
            return self._run("loginctl", "show-user", getpass.getuser(), "--property=Linger").strip() == "Linger=yes"
        except ManagerError:
            # loginctl knows only who is logged in, or lingers; the mark is a file.
            folder = Path("/var/lib/systemd/linger")
            return (folder / getpass.getuser()).exists() if folder.is_dir() else None

    def state(self) -> State:
        """Return how the service stands. Raises ``ManagerError``."""
        names = "ActiveState,UnitFileState,StatusText,ActiveEnterTimestamp,MainPID,NRestarts,Result,ExecMainCode"
        shown = self._systemctl("show", NAME, f"--property={names},ExecMainStatus")
        found = dict(line.partition("=")[::2] for line in shown.splitlines())
        return State(
            installed=self.file.exists(),
            enabled=found.get("UnitFileState") == "enabled",
            active=found.get("ActiveState", "inactive"),
            doing=found.get("StatusText", ""),
            since=found.get("ActiveEnterTimestamp", ""),
            pid=int(found.get("MainPID") or 0),
            restarts=int(found.get("NRestarts") or 0),
            result="" if found.get("Result") in {None, "", "success"} else found["Result"],
            # By itself (CLD_EXITED is 1): of one that was killed the "status" is the number of the signal.
            code=int(found.get("ExecMainStatus") or 0) if found.get("ExecMainCode") == "1" else None,
            lingers=self.lingers,
        )

    def _systemctl(self, *args: str) -> str:
        return self._run("systemctl", "--user", *args)

    def _run(self, program: str, *args: str, mend: str = "") -> str:
        if shutil.which(program, path=self._env.get("PATH")) is None:
            raise ManagerError(
                f"This machine has no {program}: its programs are not started by systemd.",
                mend="have whatever starts programs here start: voicecoach serve",
            )
        try:
            done = subprocess.run(
                [program, *args],
                env=self._env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ManagerError(f"{program} {' '.join(args)} gave no answer in {_PATIENCE:.0f} s.", mend=mend) from None
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[0]
            if "connect to bus" in said:
                who = "the user whose service it is" if os.geteuid() == 0 else getpass.getuser()
                mend = mend or f"log in as {who} (not with su or sudo), or: loginctl enable-linger"
            raise ManagerError(f"{program} {' '.join(args)}: {said}", mend=mend)
        return done.stdout
