"""How does a sandbox without a network talk to the hub? Through two Unix sockets.

A single-user server has no network at all: not the internet, not the hub's other ports, not its
neighbours. Two sockets are the only way in and out: at `server` the hub's proxy asks the server, at
`hub` the server asks the hub's API. The hub makes both. The sandbox sees them read-only, so that no
link can be put in their place, and gets the listening end of `server` as an open file. At each end of
a socket stands a relay that passes bytes on. This file is also run inside the sandbox, where nothing
else of this package is:

    python relay.py FOLDER DESCRIPTOR SERVER_PORT HUB_PORT LIMITS COMMAND...

sets the limits (JSON, names of the `resource` module), starts the inner relay, then becomes COMMAND.
"""

import asyncio
import json
import os
import resource
import socket
import sys
from pathlib import Path

CHUNK = 2**16

_conversations: set[asyncio.Task] = set()
"""All that are going on. The event loop holds its tasks weakly, and a paused one could be lost."""


async def relay_to_unix(host: str, port: int, path: Path) -> asyncio.Server:
    """Listen on a TCP port and pass every connection on to the Unix socket `path`."""
    return await asyncio.start_server(
        lambda reader, writer: _join(reader, writer, asyncio.open_unix_connection(path)), host, port
    )


async def relay_from_unix(listening: socket.socket, host: str, port: int) -> asyncio.Server:
    """Pass every connection to a listening Unix socket on to a TCP port."""
    return await asyncio.start_unix_server(
        lambda reader, writer: _join(reader, writer, asyncio.open_connection(host, port)),
        sock=listening,
    )


def listen_at(path: Path) -> socket.socket:
    """Return a new Unix socket that listens at a path, in the place of whatever was there."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(100)
    return listening


async def _join(reader, writer, opening) -> None:
    """Pass bytes both ways between an accepted connection and the one now opened."""
    task = asyncio.current_task()
    _conversations.add(task)
    task.add_done_callback(_conversations.discard)
    try:
        far_reader, far_writer = await opening
    except OSError:  # the other side is not up yet: the caller sees a closed connection and retries
        writer.close()
        return
    await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
    for end in (writer, far_writer):
        end.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until the sender has no more, then say so."""
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:  # one side hung up
        writer.close()


async def _stand_inside(folder: Path, descriptor: int, server_port: int, hub_port: int) -> None:
    await relay_from_unix(socket.socket(fileno=descriptor), "127.0.0.1", server_port)
    await relay_to_unix("127.0.0.1", hub_port, folder / "hub")
    await asyncio.Event().wait()


def main(
    folder: str, descriptor: str, server_port: str, hub_port: str, limits: str, *command: str
) -> None:
    """Set the limits, leave the inner relay running and become the command."""
    for name, value in json.loads(limits).items():
        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
    if os.fork() == 0:
        asyncio.run(_stand_inside(Path(folder), int(descriptor), int(server_port), int(hub_port)))
    os.set_inheritable(int(descriptor), False)
    os.execv(command[0], command)  # noqa: S606 - becoming the command is the point


if __name__ == "__main__":
    main(*sys.argv[1:])
