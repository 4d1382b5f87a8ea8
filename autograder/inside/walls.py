"""The walls of one child: namespaces, a private disk, limits and no privileges. Linux only.

The warm parent already lives in bubblewrap (no network, read-only files, cleared environment). A child adds walls
against its siblings: own users, mounts, processes, IPC and network, so it can neither see, signal nor slow them.
A filter then closes what of the kernel no notebook needs (`autograder.inside.seccomp`).
Sources: clone(2), mount(2), capabilities(7), prctl(2), user_namespaces(7).
"""

import ctypes
import os
import resource
import signal
from pathlib import Path

from autograder.inside import seccomp

_libc = ctypes.CDLL(None, use_errno=True)
# Without letting other threads run meanwhile: in a child there are none.
_raw = ctypes.PyDLL(None, use_errno=True)
_raw.syscall.restype = ctypes.c_long
_SYS_CLONE3 = 435
"""The same on every architecture that Linux has."""

CLONE_PIDFD, CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = (
    0x00001000,
    0x00020000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = (
    *(1, 2, 4, 8, 4096, 16384),
    1 << 18,
)
PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 24, 38
_LAST_CAPABILITY = 63
_CAPABILITY_VERSION_3 = 0x20080522


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def born_apart() -> tuple[int, int]:
    """Fork a child that has user, mount, process, IPC and network namespaces of its own from its first instruction.

    os.fork and unshare(2) would need two forks, because a process namespace holds only those born into it. The child is
    that namespace's first process, so when it dies the kernel ends everything that it started.

    Returns:
        In the parent: the child's number and a pidfd of it. In the child: 0 and -1.

    Raises:
        OSError: the kernel does not allow it here.
    """
    seccomp.check()
    pidfd = ctypes.c_int(-1)
    flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | CLONE_PIDFD
    # struct clone_args of clone(2): flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls.
    request = (ctypes.c_uint64 * 8)(flags, ctypes.addressof(pidfd), 0, 0, signal.SIGCHLD, 0, 0, 0)
    # What os.fork does around its own call ("Operating System Utilities" of Python's C interface).
    ctypes.pythonapi.PyOS_BeforeFork()
    pid = _raw.syscall(_SYS_CLONE3, request, ctypes.sizeof(request))
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0, -1
    number = ctypes.get_errno()
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(number, f"clone: {os.strerror(number)}")
    return pid, pidfd.value


def keep_own_user(user: int, group: int) -> None:
    """Be the same user and group in the new user namespace as outside, and nobody else.

    Args:
        user: what os.getuid said before the child was born; it does not know any more.
        group: likewise.
    """
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    _check(
        _libc.mount(source.encode(), target.encode(), kind.encode(), flags, data.encode()),
        f"mount {target}",
    )


def private_disk(desk: str, disk_bytes: int) -> None:
    """Put an empty memory disk of this size over each place that the parent could write to, and a fresh /proc.

    /proc is read-only: where grading runs as root, the settings of the whole machine in /proc/sys belong to the child's
    user as well. /dev/zero becomes /dev/null: mapped and shared it is memory that no process is charged with.

    /tmp gets one too, unless something of the machine is shown below it. Where the kernel refuses a
    fresh /proc, an empty folder takes its place: the parent's would show the siblings.
    """
    _mount("none", "/", "none", MS_REC | MS_PRIVATE)
    flags = MS_NOSUID | MS_NODEV
    places = [desk, "/dev/shm"] if any(Path("/tmp").iterdir()) else [desk, "/dev/shm", "/tmp"]  # noqa: S108
    for place in places:
        _mount("tmpfs", place, "tmpfs", flags, f"size={disk_bytes},nr_inodes=10000,mode=0777")
    _mount("/dev/null", "/dev/zero", "none", MS_BIND)
    try:
        _mount("proc", "/proc", "proc", flags | MS_NOEXEC | MS_RDONLY)
    except OSError:
        _mount("tmpfs", "/proc", "tmpfs", flags | MS_NOEXEC, "size=4k,nr_inodes=2,mode=0555")


class _CapHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapData(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


def drop_privileges() -> None:
    """Give up every capability in the child's own namespace and what no notebook asks of the kernel, for good."""
    for capability in range(_LAST_CAPABILITY + 1):
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    _check(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    header = _CapHeader(_CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(ctypes.byref(header), (_CapData * 2)()), "capset")
    _check(_libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable")
    seccomp.install()


def limit(
    memory_bytes: int, file_bytes: int, processes: int, open_files: int, cpu_seconds: int
) -> None:
    """Set the kernel's own limits on this process and its children.

    Args:
        memory_bytes: address space that a process may add to what it has now. Called while the parent's /proc is
            still there, which says how much that is.
    """
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory_bytes += pages * resource.getpagesize()
    for what, most in {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_FSIZE: file_bytes,
        # Twice: who reaches the limit itself is found and ended by the watch outside, with a reason.
        resource.RLIMIT_NPROC: 2 * processes,
        resource.RLIMIT_NOFILE: open_files,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_CORE: 0,
    }.items():
        _, ceiling = resource.getrlimit(what)
        if ceiling != resource.RLIM_INFINITY:
            most = min(most, ceiling)
        resource.setrlimit(what, (most, most))


def default_signals() -> None:
    """Let an interrupt from outside end a cell, as the stop button of a notebook does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
