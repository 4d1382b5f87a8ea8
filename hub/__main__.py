"""`python -m hub`: from a checkout to a running class. `make run` calls this."""

import sys

from hub.machine import MachineError, check_python, check_system

try:
    check_system()
    check_python()
except MachineError as missing:
    sys.exit(str(missing))

from hub.cli import main

sys.exit(main())
