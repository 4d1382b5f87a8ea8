"""Runs `casework grade` again and again, each time in a fresh process, but loads nbgrader only once.

For tests that kill it: what takes seconds is done before. Reads the arguments of a run as a line
of JSON, forks, answers with the process id of the child, and when it has ended with its status.
"""

import gc
import json
import os
import sys

from autograder import (
    authoring,  # noqa: F401 (loaded here, so that no run has to)
    cli,
    course,  # noqa: F401
    driver,  # noqa: F401
)


def main() -> None:
    """Answer lines until there are no more."""
    gc.freeze()
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.setsid()
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, 0)
            os.dup2(nowhere, 1)
            code = 1
            try:
                code = cli.main(json.loads(line))
            finally:
                os._exit(code)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
