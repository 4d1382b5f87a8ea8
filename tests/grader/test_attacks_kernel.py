"""What a notebook may not ask of the kernel is refused, on both kinds of machine, and what it needs still works."""

import errno
import os
import struct

import pytest

from autograder.inside import seccomp

HERE = os.uname().machine
pytestmark = pytest.mark.skipif(
    not seccomp.available(), reason=f"the numbers of {HERE} are not known here: no filter"
)
COLUMN = 1 if HERE == "aarch64" else 0
ASK = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
told = {}
for name, number in NUMBERS.items():
    ctypes.set_errno(0)
    told[name] = (libc.syscall(number, -1, -1, -1, -1, -1, -1), errno.errorcode.get(ctypes.get_errno()))
"""


def numbers(table):
    return {name: both[COLUMN] for name, both in table.items() if both[COLUMN] is not None}


@pytest.mark.parametrize(
    ("table", "answer"), [(seccomp.REFUSED, "EPERM"), (seccomp.ABSENT, "ENOSYS")]
)
def test_each_call_that_no_notebook_needs_is_refused(judge, table, answer):
    wanted = dict.fromkeys(numbers(table), (-1, answer))
    verdict = judge(
        ASK.replace("NUMBERS", repr(numbers(table))), ("q", f"assert told == {wanted!r}, told")
    )
    assert verdict.checks["q"].points == 2, verdict.checks["q"].message


REFUSALS = {
    "a new user namespace by clone": f"libc.syscall({(56, 220)[COLUMN]}, 0x10000000 | 17, 0, 0, 0, 0)",
    "shared memory without a file": "mmap.mmap(-1, 4096)",
    "shared memory of /dev/zero": "mmap.mmap(os.open('/dev/zero', os.O_RDWR), 4096)",
    "a socket to the machine below": "socket.socket(40, socket.SOCK_STREAM)",
    "a socket to the kernel": "socket.socket(16, socket.SOCK_RAW)",
    "a socket for ciphers": "socket.socket(38, socket.SOCK_SEQPACKET)",
    "typing into a terminal": "fcntl.ioctl(0, 0x5412, b'x')",
    "a setting of the machine": "open('/proc/sys/kernel/core_pattern', 'r+')",
    "the reset button": "open('/proc/sysrq-trigger', 'w')",
    "a device": "os.mknod('device', 0o60600, os.makedev(8, 0))",
    "another root": "os.chroot('/tmp')",
    "another user": "os.setuid(0)",
    "more open files": "resource.setrlimit(resource.RLIMIT_NOFILE, (9999, 9999))",
    "memory of its own first process": "open('/proc/1/mem', 'rb')",
}


@pytest.mark.parametrize("what", REFUSALS)
def test_this_is_refused_too(judge, what):
    source = f"""
import ctypes, fcntl, mmap, os, resource, socket
libc = ctypes.CDLL(None, use_errno=True)
try:
    done = {REFUSALS[what]}
    refused = done == -1
except (OSError, ValueError):
    refused = True
"""
    assert judge(source, ("q", "assert refused is True")).checks["q"].points == 2


def test_processes_threads_pictures_tables_and_compiled_code_still_work(judge):
    verdict = judge(
        "import subprocess, threading, multiprocessing, os\n"
        "said = subprocess.run(['echo', 'hi'], capture_output=True, text=True).stdout\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n    powers = pool.map(abs, [-1, 2])\n"
        "thread = threading.Thread(target=print)\nthread.start()\nthread.join()",
        "import pandas as pd, numpy as np, matplotlib.pyplot as plt, tempfile, sqlite3, asyncio\n"
        "table = pd.DataFrame({'n': range(5)}).groupby(lambda n: n % 2).sum()\n"
        "solved = float(np.linalg.solve(np.eye(60), np.ones(60)).sum())\n"
        "plt.plot([1, 2])\nplt.savefig('a.png')\n"
        "async def hello():\n    await asyncio.sleep(0)\n    return 'hello'\ngreeting = await hello()",
        (
            "q",
            "assert said == 'hi\\n' and powers == [1, 2] and solved == 60 and greeting == 'hello'\n"
            "assert list(table['n']) == [6, 4]",
        ),
    )
    assert verdict.checks["q"].points == 2, (verdict.checks["q"].message, verdict.outputs)


def answer(machine: str, number: int, arguments: tuple[int, ...] = (), foreign: bool = False):
    """Run a filter as the kernel would (Documentation/networking/filter.rst) and return what it answers."""
    architecture = 0x40000003 if foreign else {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine]
    data = struct.pack("=IIQ6Q", number, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    code = seccomp.program(machine)
    lines = [struct.unpack_from("=HBBI", code, place) for place in range(0, len(code), 8)]
    held, place = 0, 0
    while True:
        kind, if_so, if_not, value = lines[place]
        place += 1
        match kind:
            case 0x20:
                (held,) = struct.unpack_from("=I", data, value)
            case 0x54:
                held &= value
            case 0x06:
                return value & 0xFFFF if value >> 16 == 5 else None
            case _:
                so = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[kind]
                place += if_so if so else if_not


@pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])
def test_the_filter_says_the_same_on_every_machine(machine, column):
    for table, wanted in ((seccomp.REFUSED, errno.EPERM), (seccomp.ABSENT, errno.ENOSYS)):
        for both in table.values():
            if both[column] is not None:
                assert answer(machine, both[column]) == wanted
    clone, mmap, socket_, ioctl = ((56, 220), (9, 222), (41, 198), (16, 29))
    assert answer(machine, clone[column], (0x01200011,)) is None
    assert answer(machine, clone[column], (0x10000011,)) == errno.EPERM
    assert answer(machine, clone[column], (0x003D0F00,)) is None
    assert answer(machine, mmap[column], (0, 4096, 3, 0x22)) is None
    assert answer(machine, mmap[column], (0, 4096, 3, 0x01)) is None
    assert answer(machine, mmap[column], (0, 4096, 3, 0x21)) == errno.EPERM
    assert answer(machine, ioctl[column], (0, 0x5401)) is None
    assert answer(machine, ioctl[column], (0, 0xDEAD00005412)) == errno.EPERM
    assert [answer(machine, socket_[column], (family,)) for family in (1, 2, 10)] == [None] * 3
    assert answer(machine, socket_[column], (40,)) == errno.EAFNOSUPPORT
    assert answer(machine, (0, 63)[column], (0, 0, 0)) is None
    assert answer(machine, (0, 63)[column], foreign=True) == errno.ENOSYS


def test_the_second_table_of_calls_of_x86_is_closed():
    assert answer("x86_64", 0x40000000) == errno.ENOSYS
