"""Does grading use more memory the longer it runs?

    python benchmarks/memory.py [--quick] [--submissions 2000] [--json PATH]

Runs `casework grade` on crypto-1 as `grading.py` does, and looks every half second at how much memory of their own
(RssAnon of proc(5)) the driver and a pair of warm parents have. Prints both after a tenth of the submissions, after half, and
at the end. Flat means: the last ratio is near 1. The parents are replaced after 500 children each.
"""

import argparse
import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from grading import BIN, make_course

MB = 1024
_ANONYMOUS = re.compile(r"^RssAnon:\s+(\d+) kB", re.MULTILINE)


def main() -> None:
    """Grade, look, print, write rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="60 submissions")
    parser.add_argument("--submissions", type=int, default=2000)
    parser.add_argument("--json", type=Path, help="write rows of name, ours, peer, ratio here")
    chosen = parser.parse_args()
    submissions = 60 if chosen.quick else chosen.submissions
    with tempfile.TemporaryDirectory() as name:
        course = make_course(Path(name), "ours", submissions, slow=False)
        seen = watch(course, submissions)
    early, middle, late = (after(seen, submissions * part) for part in (0.1, 0.5, 1.0))
    print(
        f"{'memory of its own, MB, after':<30}{'a tenth':>10}{'half':>10}{'all':>10}{'last/first':>12}"
    )
    rows = []
    for place, what in enumerate(("the driver", "a pair of warm parents")):
        first, half, last = (state[place] / MB for state in (early, middle, late))
        print(f"{what:<30}{first:>10.0f}{half:>10.0f}{last:>10.0f}{last / first:>12.2f}")
        rows.append(
            {"name": f"memory of {what}, MB", "ours": last, "peer": first, "ratio": first / last}
        )
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=2) + "\n")


def watch(course: Path, submissions: int) -> list[tuple[int, int, int]]:
    """Grade the class; how many were graded, and the kB of the driver and of the parents, again and again."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    seen = []
    with subprocess.Popen(
        [BIN / "casework", "grade", "crypto-1"],
        cwd=course, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as run:  # fmt: skip
        while run.poll() is None:
            done = sum(1 for _ in (course / "autograded").glob("*/crypto-1"))
            warm = list(map(kilobytes, parents(run.pid)))
            # While one pair takes the place of another, there are two.
            used = kilobytes(run.pid), 2 * sum(warm) // max(1, len(warm))
            if all(used):
                seen.append((done, *used))
            time.sleep(0.5)
        if run.returncode:
            raise SystemExit(run.stderr.read()[-2000:])
    return seen


def after(seen: list[tuple[int, int, int]], submissions: float) -> tuple[float, float]:
    """The middle of what was seen just before so many were graded: single looks meet births and deaths."""
    near = [state for state in seen if state[0] <= submissions][-9:] or seen[:1]
    return tuple(sorted(state[place] for state in near)[len(near) // 2] for place in (1, 2))


def parents(driver: int) -> list[int]:
    """The warm parents: the first Python processes below the driver's bubblewraps."""
    found = []
    for bwrap in children(driver):
        below = children(bwrap)
        while below and "bwrap" in name_of(below[0]):
            below = children(below[0])
        found += below[:1]
    return found


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    try:
        return [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []


def name_of(pid: int) -> str:
    """The name of a process."""
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


def kilobytes(pid: int) -> int:
    """The memory that is a process's own; 0 when it is gone."""
    try:
        found = _ANONYMOUS.search(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main()
