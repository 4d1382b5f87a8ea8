"""Can this machine run the hub? Each missing thing is one clear line with its remedy.

This file is read by whatever Python starts it, however old, so it imports nothing but the standard
library and keeps to a grammar that Python 3.6 understands.
"""

import socket
import subprocess
import sys

OLDEST = (3, 11)
NEWEST = (3, 13)


class MachineError(Exception):
    """Something is missing on this machine; the message says what, and what to do."""


def check_system(platform=sys.platform):
    """Raise MachineError unless this is Linux (WSL counts)."""
    if not platform.startswith("linux"):
        raise MachineError(
            "The hub needs Linux: its sandboxes are made by the Linux kernel. On Windows use WSL, "
            "on macOS a Linux virtual machine; the book and the Python packages work without it."
        )


def check_python(version=sys.version_info[:2]):
    """Raise MachineError unless the running Python is one that the course is tested with."""
    if not OLDEST <= tuple(version) <= NEWEST:
        raise MachineError(
            "Python {}.{} cannot run the course, which needs Python 3.11, 3.12 or 3.13. Install one "
            "of these, then say which one to use: make run PYTHON=python3.11".format(*version)
        )


def check_place(house):
    """Raise MachineError where the folder of the course would be seen in every sandbox."""
    if str(house).startswith("/usr/"):
        raise MachineError(
            f"The course lies in {house}, and every trainee can read what is under /usr. "
            "Move it to another place, for example your home folder."
        )


def check_sandbox(bubblewrap):
    """Raise MachineError unless a sandbox can really be started with the program `bubblewrap`."""
    command = [str(bubblewrap), "--unshare-all", "--uid", "1000", "--gid", "1000"]
    command += ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "/bin/true"]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise MachineError(
            f"The sandbox program {bubblewrap} cannot be run: {problem}. Remake the environment: make env"
        ) from None
    if tried.returncode:
        said = tried.stderr.strip().splitlines()
        raise MachineError(
            "This machine does not let programs make user namespaces, which every trainee's sandbox "
            "needs (bubblewrap says: {}). Ask its administrator to run "
            "'sysctl -w user.max_user_namespaces=15000'; on Ubuntu 24.04 and later also "
            "'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'; in Docker start the "
            "container with --security-opt seccomp=unconfined.".format(
                said[-1] if said else "nothing"
            )
        )


def check_port(address, port):
    """Raise MachineError unless the hub can listen on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            raise MachineError(
                f"Port {port} is not for ordinary users. Choose one above 1023: make run PORT=8000"
            ) from None
        except (OSError, OverflowError):
            raise MachineError(
                f"Port {port} on {address} is taken by another program (perhaps a hub that is still running). "
                f"Stop that program, or choose another port: make run PORT={port + 10 if port < 65000 else 8010}"
            ) from None


def free_port():
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
