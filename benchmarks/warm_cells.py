"""What do the cells of submissions cost in a process that is warm? Used by grading.py.

    python benchmarks/warm_cells.py COURSE TRAINEE...

No sandbox, no judge, no new process: the cells of one submission after the other. Prints processor seconds for each.
"""

import os
import sys
import tempfile
import time
from pathlib import Path


def main(course_folder: Path, students: list[str]) -> None:
    """Run the cells of all submissions twice, and measure the second time."""
    from autograder.course import open_course

    course = open_course(course_folder)
    os.environ["CASEWORK_WORLD"] = str(course.world_folder)
    from autograder.inside import shell, trainee
    from autograder.normalise import normalise
    from autograder.trial import plan

    trainee.warm_up()
    master = course.master("crypto-1", "crypto-1")
    for _ in range(2):
        used = 0.0
        for name in students:
            os.environ |= course.environment(name, "crypto-1")
            file = course.folder("submitted", name, "crypto-1") / "crypto-1.ipynb"
            steps = plan(normalise(file, master).notebook)
            before = time.process_time()
            for step in steps:
                if step["kind"] == "run":
                    shell.run_cell(shell.NotebookShell.instance(), step["source"])
            used += time.process_time() - before
    print(used / len(students))


if __name__ == "__main__":
    os.environ |= {
        "HOME": tempfile.mkdtemp(),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": "1",
    }
    main(Path(sys.argv[1]), sys.argv[2:])
