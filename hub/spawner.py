"""How is a single-user server started? In its room, with a relay at its door."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from jupyterhub.spawner import LocalProcessSpawner
from jupyterhub.utils import random_port
from traitlets import Any as AnyTrait
from traitlets import Callable, Unicode

from hub.relay import listen_at, relay_from_unix, relay_to_unix
from hub.rooms import furnish_door, instructor_room, trainee_room
from hub.settings import Settings


class RoomSpawner(LocalProcessSpawner):
    """Start a user's server inside bubblewrap, as the user of this machine that runs the hub."""

    settings = AnyTrait(help="The Settings of this run.").tag(config=True)
    doors = Unicode(help="The folder that holds a folder of sockets for every user.").tag(
        config=True
    )
    cases_of = Callable(
        help="Given a trainee's name, the JSON that says which case of each assignment is theirs."
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        """Take what the hub configures."""
        super().__init__(**kwargs)
        self._relays: list[asyncio.Server] = []

    async def start(self) -> tuple[str, int]:
        """Open the door, start the server behind it, return where the proxy finds it."""
        settings: Settings = self.settings
        user = self.user.name
        door = Path(self.doors, user)
        furnish_door(door, user)
        if user == settings.instructor:
            self.room = instructor_room(settings, door)
        else:
            self.room = trainee_room(settings, user, door, self.cases_of(user))
        self.port = random_port()
        hub_port = self.hub.port
        self._relays = [
            await relay_to_unix("127.0.0.1", self.port, door / "server"),
            await relay_from_unix(listen_at(door / "hub"), "127.0.0.1", hub_port),
        ]
        log_file = Path(settings.logs, f"{user}.log")
        with listen_at(door / "server") as listening, log_file.open("ab") as log:
            inner = ["/srv/relay.py", "/run/casework", str(listening.fileno())]
            inner += [str(self.port), str(hub_port), json.dumps(_resource_limits(settings))]
            inner += [sys.executable, "-m", "jupyterhub.singleuser"]
            self.cmd = [*self.room.command(settings), sys.executable, *inner]
            self.popen_kwargs = {
                "stdin": subprocess.DEVNULL,
                "stdout": log,
                "stderr": log,
                "pass_fds": [listening.fileno()],
            }
            return await super().start()

    async def stop(self, now: bool = False) -> None:
        """Stop the server; with it go its kernels, its terminals and the relays."""
        await super().stop(now)
        for relay in self._relays:
            relay.close()
        self._relays = []

    def make_preexec_fn(self, name: str) -> None:
        """Do nothing before the program starts: bubblewrap makes the room."""

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Return what the server finds in its environment: the room's own and the hub's word."""
        return env | self.room.environment


def _resource_limits(settings: Settings) -> dict[str, int]:
    limits = settings.limits
    return {
        "RLIMIT_AS": limits.memory,
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_FSIZE": limits.file_size,
        "RLIMIT_CORE": 0,
    }
