"""What is JupyterHub told? A list of steps; each sets one kind of thing on a config and does nothing else."""

import sys
from functools import partial
from pathlib import Path

from traitlets.config import Config

from hub.authenticator import ClassAuthenticator
from hub.classroom import cases_of
from hub.machine import free_port
from hub.passwords import PasswordHash
from hub.settings import HOUSE, Settings
from hub.spawner import RoomSpawner


def hub_config(settings: Settings, hashes: dict[str, PasswordHash], doors: Path) -> Config:
    """Return the whole configuration of JupyterHub.

    `hashes` has the password hash of every user; `doors` is an empty folder with a short path,
    where the sockets of the single-user servers are put.
    """
    config = Config()
    set_addresses(config, settings)
    set_files(config, settings)
    set_users(config, settings, hashes)
    set_rooms(config, settings, doors)
    set_book(config, settings)
    set_log(config, settings)
    return config


def set_addresses(config: Config, settings: Settings) -> None:
    """Listen on this machine alone; the inner ports are whichever are free."""
    config.JupyterHub.bind_url = f"http://{settings.address}:{settings.port}"
    config.JupyterHub.hub_bind_url = f"http://127.0.0.1:{free_port()}"
    config.JupyterHub.default_url = "/hub/spawn"
    config.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{free_port()}"
    proxy = [sys.executable, "-m", "hub.proxy", str(settings.logs / "proxy.log")]
    config.ConfigurableHTTPProxy.command = proxy
    config.ConfigurableHTTPProxy.pid_file = str(settings.class_folder / "hub" / "proxy.pid")


def set_files(config: Config, settings: Settings) -> None:
    """Keep the hub's own files in the class folder."""
    folder = settings.class_folder / "hub"
    config.JupyterHub.db_url = f"sqlite:///{folder}/jupyterhub.sqlite"
    config.JupyterHub.cookie_secret_file = str(folder / "cookie_secret")
    config.JupyterHub.cleanup_servers = True


def set_users(config: Config, settings: Settings, hashes: dict[str, PasswordHash]) -> None:
    """Say who is in the class, and that the instructor may start and stop trainees' servers."""
    trainees = f"nbgrader-{settings.course}"
    config.JupyterHub.authenticator_class = ClassAuthenticator
    config.ClassAuthenticator.allowed_users = set(settings.users)
    config.ClassAuthenticator.hashes = hashes
    config.JupyterHub.load_groups = {
        trainees: {"users": list(settings.trainees)},
        f"formgrade-{settings.course}": {"users": [settings.instructor]},
    }
    scopes = ["admin-ui", f"list:users!group={trainees}", f"servers!group={trainees}"]
    config.JupyterHub.load_roles = [
        {"name": "course-admin", "scopes": scopes, "users": [settings.instructor]}
    ]


def set_rooms(config: Config, settings: Settings, doors: Path) -> None:
    """Start every single-user server in its own sandbox."""
    config.JupyterHub.spawner_class = RoomSpawner
    config.RoomSpawner.settings = settings
    config.RoomSpawner.doors = str(doors)
    config.RoomSpawner.cases_of = partial(cases_of, settings)
    config.RoomSpawner.env_keep = []  # nothing of the environment that the hub was started in
    config.RoomSpawner.default_url = "/lab/tree/START-HERE.md"
    config.RoomSpawner.start_timeout = 180
    config.RoomSpawner.http_timeout = 180


def set_book(config: Config, settings: Settings) -> None:
    """Serve the book to everyone, with or without a login."""
    command = [
        sys.executable,
        "-m",
        "hub.book",
        str(settings.book),
        str(settings.logs / "book.log"),
    ]
    url = f"http://127.0.0.1:{free_port()}"
    config.JupyterHub.services = [
        {"name": "book", "url": url, "command": command, "cwd": str(HOUSE), "display": True}
    ]
    config.JupyterHub.template_vars = {
        "announcement_login": 'The book is open to everyone: <a href="/services/book/">read it</a>.'
    }


def set_log(config: Config, settings: Settings) -> None:
    """Write what happens to a file, not over the table of passwords."""
    config.JupyterHub.logging_config = {
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(message)s"}},
        "handlers": {
            "file": {
                "class": "logging.FileHandler",
                "filename": str(settings.logs / "hub.log"),
                "formatter": "plain",
                "level": "INFO",
            },
        },
        # The logger bears the name of the application's class (hub/app.py).
        "loggers": {"ClassHub": {"handlers": ["file"], "level": "INFO"}},
    }
