"""Doors of the kernel that no notebook needs, closed for a child and for all that it starts.

Namespaces and limits decide what a child may touch; this decides what it may ask of the kernel at all. What is refused
has been the way out of sandboxes before (ptrace, bpf, io_uring, keyrings, mounts, nested user namespaces), leads past
the empty network (AF_VSOCK is no network namespace's), or holds memory that belongs to no process (memfd, SysV and
anonymous shared memory) and so would never be counted. The filter is a small program for the kernel, written by hand.

Sources: seccomp(2), prctl(2), Documentation/userspace-api/seccomp_filter.rst; syscall numbers from the kernel's
arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
"""

import ctypes
import errno
import os
import struct

REFUSED = {
    # other processes, and the kernel's own programs
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "seccomp": (317, 277),
    "personality": (135, 92),
    "modify_ldt": (154, None),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "remap_file_pages": (216, 234),
    # keys, which no namespace divides
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # mounts and namespaces
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "open_tree_attr": (467, 467),
    "unshare": (272, 97),
    "setns": (308, 268),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    # the machine itself
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "iopl": (172, None),
    "ioperm": (173, None),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
    # memory of the kernel's that no process is charged with
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
}
"""Refused with "operation not permitted": the number of each on x86-64 and on aarch64."""

ABSENT = {
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_create": (319, 279),
    # Its flags lie in memory, where a filter cannot look. The C library then takes clone, whose do not.
    "clone3": (435, 435),
}
"""Answered as by a kernel that does not have them, so that libraries do without."""

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_CLONE, _MMAP, _IOCTL = (56, 220), (9, 222), (16, 29)
_SOCKETS = ((41, 198), (53, 199))
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_NEW_NAMESPACES = 0x7E020000
_SHARED_ANONYMOUS = 0x01 | 0x20
_PUSHES_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
_X32 = 0x40000000

_LOAD, _AND, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_PR_GET_SECCOMP, _PR_SET_SECCOMP, _FILTER = 21, 22, 2

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def available() -> bool:
    """Say whether this machine is one whose numbers are known here. On others the other walls stand alone."""
    return os.uname().machine in _MACHINES


def check() -> None:
    """Raise OSError where the kernel was built without filters, before anything depends on them."""
    if available() and _libc.prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) < 0:
        raise OSError(errno.ENOSYS, "this kernel has no seccomp filters")


def install() -> None:
    """Close these doors for the calling process, for good. It must have no_new_privs.

    Raises:
        OSError: the kernel refused the filter.
    """
    if not available():
        return
    code = program(os.uname().machine)
    described = _Program(len(code) // 8, code)
    if _libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(described), 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")


def program(machine: str) -> bytes:
    """Return the filter for a machine, "x86_64" or "aarch64", as instructions of the kernel's packet filter."""
    column, architecture = _MACHINES[machine]
    no, never = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS
    # A rule that does not apply steps over what follows it, to the next rule.
    lines = [
        _line(_LOAD, _ARCH),
        _line(_EQUAL, architecture, 1, 0),
        _line(_RETURN, never),
        _line(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        lines += [_line(_AT_LEAST, _X32, 0, 1), _line(_RETURN, never)]
    for table, answer in ((REFUSED, no), (ABSENT, never)):
        for numbers in table.values():
            if numbers[column] is not None:
                lines += [_line(_EQUAL, numbers[column], 0, 1), _line(_RETURN, answer)]
    lines += _looking_at(_CLONE[column], 0, [_line(_ANY_BIT, _NEW_NAMESPACES, 0, 1)], no)
    shared = [_line(_AND, _SHARED_ANONYMOUS), _line(_EQUAL, _SHARED_ANONYMOUS, 0, 1)]
    lines += _looking_at(_MMAP[column], 3, shared, no)
    for pushes in _PUSHES_INPUT:
        lines += _looking_at(_IOCTL[column], 1, [_line(_EQUAL, pushes, 0, 1)], no)
    for numbers in _SOCKETS:
        known = [
            _line(_EQUAL, family, len(_FAMILIES) - place, 0)
            for place, family in enumerate(_FAMILIES)
        ]
        lines += _looking_at(numbers[column], 0, known, _ERRNO | errno.EAFNOSUPPORT)
    return b"".join([*lines, _line(_RETURN, _ALLOW)])


def _looking_at(number: int, argument: int, question: list[bytes], answer: int) -> list[bytes]:
    """Return a rule: for this call, if the question about one argument says so, this answer."""
    body = [
        # The lower half: what these arguments can mean fits into it.
        _line(_LOAD, _FIRST_ARGUMENT + 8 * argument),
        *question,
        _line(_RETURN, answer),
        _line(_LOAD, _NUMBER),
    ]
    return [_line(_EQUAL, number, 0, len(body)), *body]


def _line(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)
