"""A real hub, started as a person starts it, and a person's browser reduced to its requests."""

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import requests
import websocket

HOUSE = Path(__file__).parents[2]
START = 600  # seconds: the first start builds the class
USERS = ("instructor", "ada", "bruno", "chen")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class RunningHub:
    """`python -m hub` on a free port, with a class folder of its own."""

    class_folder: Path
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    passwords: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "RunningHub":
        command = [sys.executable, "-m", "hub", "--port", str(self.port), *self.options]
        command += ["--class-folder", str(self.class_folder)]
        self.process = subprocess.Popen(
            command,
            cwd=HOUSE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env=os.environ | {"CASEWORK_TEST_SECRET": "not for trainees", "COLUMNS": "100"},
        )
        said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=lambda: [said.put(line) for line in self.process.stdout]).start()
        deadline = time.monotonic() + START
        while not any("Ctrl-C stops everything" in line for line in self.lines):
            try:
                self.lines.append(said.get(timeout=1))
            except queue.Empty:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError("".join(self.lines) or "the hub said nothing") from None
        found = re.findall(r"^[│|]\s*(\w+)\s*[│|]\s*([a-z-]{19})\s*[│|]", "".join(self.lines), re.M)
        self.passwords = dict(found)
        assert set(self.passwords) == set(USERS), "".join(self.lines)
        return self

    def family(self) -> list[psutil.Process]:
        """The hub's process and all that came from it."""
        hub = psutil.Process(self.process.pid)
        return [hub, *hub.children(recursive=True)]

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=120)


class Person:
    """Somebody with a browser: logs in, starts a server, runs cells."""

    def __init__(self, hub: RunningHub, name: str):
        self.hub, self.name = hub, name
        self.web = requests.Session()

    def log_in(self, password: str | None = None) -> requests.Response:
        page = self.web.get(f"{self.hub.url}/hub/login")
        return self.web.post(
            f"{self.hub.url}/hub/login",
            data={
                "username": self.name,
                "password": password or self.hub.passwords[self.name],
                "_xsrf": page.text.split('name="_xsrf" value="')[1].split('"')[0],
            },
            allow_redirects=False,
        )

    def start_server(self) -> "Person":
        """Log in, start the server, and let it know us."""
        assert self.log_in().status_code == 302
        self.web.get(f"{self.hub.url}/hub/spawn")
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            answer = self.web.get(f"{self.hub.url}/user/{self.name}/api/status")
            if answer.status_code == 200 and "kernels" in answer.text:
                # The page of JupyterLab sets the cookie that later writing requests must show.
                self.web.get(f"{self.hub.url}/user/{self.name}/lab")
                return self
            self.web.get(f"{self.hub.url}/user/{self.name}/lab")
            time.sleep(0.5)
        raise AssertionError(f"the server of {self.name} did not start")

    def call(self, method: str, path: str, **data) -> requests.Response:
        """Ask the person's own server."""
        token = next(
            (c.value for c in self.web.cookies if c.name == "_xsrf" and self.name in c.path), ""
        )
        return self.web.request(
            method,
            f"{self.hub.url}/user/{self.name}/{path}",
            headers={"X-XSRFToken": token},
            **data,
        )

    def run(self, code: str, timeout: float = 120) -> str:
        """Run a cell in a fresh kernel; return all that it printed, a traceback included."""
        answer = self.call("POST", "api/kernels", json={"name": "python3"})
        assert answer.status_code == 201, answer.text
        kernel = answer.json()["id"]
        cookies = "; ".join(
            f"{c.name}={c.value}" for c in self.web.cookies if f"/user/{self.name}/" == c.path
        )
        socket_url = self.hub.url.replace("http", "ws", 1)
        channel = websocket.create_connection(
            f"{socket_url}/user/{self.name}/api/kernels/{kernel}/channels",
            header={"Cookie": cookies},
            origin=self.hub.url,
            timeout=timeout,
        )
        try:
            return _execute(channel, code)
        finally:
            channel.close()
            self.call("DELETE", f"api/kernels/{kernel}")


def _execute(channel: websocket.WebSocket, code: str) -> str:
    request = uuid.uuid4().hex
    header = {
        "msg_id": request,
        "msg_type": "execute_request",
        "username": "",
        "session": uuid.uuid4().hex,
        "version": "5.3",
    }
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    channel.send(json.dumps({**message, "channel": "shell", "buffers": []}))
    said = []
    while True:
        reply = json.loads(channel.recv())
        if reply.get("parent_header", {}).get("msg_id") != request:
            continue
        kind, content = reply["msg_type"], reply["content"]
        if kind == "stream":
            said.append(content["text"])
        elif kind == "execute_result":
            said.append(content["data"]["text/plain"])
        elif kind == "error":
            said.append("\n".join([*content["traceback"], f"{content['ename']}"]))
        elif kind == "status" and content["execution_state"] == "idle":
            return "".join(said)
