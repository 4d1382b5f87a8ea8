"""Who may log in to the hub? The class, each with the password printed at start."""

import asyncio
from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import Dict, Float, Unicode

from hub.passwords import PasswordHash, new_password


class ClassAuthenticator(Authenticator):
    """Knows the hash of every password of the class and nothing else."""

    hashes = Dict(
        key_trait=Unicode(), help="For every user name the PasswordHash of its password."
    ).tag(config=True)
    pause = Float(1.0, help="Seconds before a wrong password is answered.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        """Take what the hub configures."""
        super().__init__(**kwargs)
        # An unknown name is compared with this, so that it takes as long as a known one.
        self._nobody = PasswordHash.of(new_password())
        self._one_at_a_time = asyncio.Lock()

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """Return the user's name where name and password belong together, else None."""
        name, password = data["username"], data["password"]
        stored = self.hashes.get(name, self._nobody)
        async with self._one_at_a_time:  # guesses queue up, however many browsers guess
            right = await asyncio.to_thread(stored.matches, password)
            if right and name in self.hashes:
                return name
            await asyncio.sleep(self.pause)
        return None
