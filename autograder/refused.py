"""Why can the gradebook not be used? One sentence with the place, the reason and the remedy.

The address of a database server holds its password. No sentence made here shows it, not even
where the address was written wrongly and the password was read as something else.
"""

import socket

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError

from autograder.course import CourseError

REMEDIES = {
    "locked": "Another program holds it: close that one.",
    "lock timeout": "Another program holds it: close that one.",
    "readonly": "Give yourself the right to write it.",
    "read-only": "Give yourself the right to write it.",
    "permission denied": "Give this user of the database the right to read and write its tables.",
    "unable to open": "Give yourself the right to write its folder.",
    "full": "Make room on the disk.",
    "no space left": "Make room on the disk of the database server.",
    "disk i/o": "Look whether its disk is full or broken.",
    "password authentication failed": "Correct the name or the password in nbgrader_config.py.",
    "does not exist": "Create it on the server, or correct the name in nbgrader_config.py.",
    "refused": "Look whether the database server runs, and at that place.",
    "connection was lost": "Look whether the database server runs, then run it again.",
    "starting up": "Wait a moment, then run it again.",
    "shutting down": "Start the database server again, then run it again.",
    "too many": "Close other programs that use the database server.",
    "name or service": "Correct the name of the server in nbgrader_config.py.",
    "plugin": "Correct the beginning of the address: it is postgresql+pg8000:// or sqlite://.",
    "no module": "Install a driver into this environment, pip install pg8000, and let the address "
    "begin with postgresql+pg8000://.",
}
DEFAULT_REMEDY = "Look whether it is whole and reachable."
NO_ADDRESS = (
    "c.CourseDirectory.db_url in nbgrader_config.py is not the address of a database. "
    "One looks like this: postgresql+pg8000://USER:PASSWORD@HOST:5432/DATABASE. "
    "In the password, write signs such as @ / : % as urllib.parse.quote(PASSWORD, safe='') does."
)
TRY_AGAIN = ("08", "40", "55P03", "57P01", "57P02", "57P03")
"""How PostgreSQL numbers (SQLSTATE, appendix A of its manual) what may go well the next time: a lost
connection, a deadlock and its kin, a lock of another, a server that is being stopped or started."""
OF_THE_ENTRY = ("22", "23")
"""... and what is wrong with the very entry: a value that does not fit, a broken rule of a table."""


class GradebookError(CourseError):
    """The gradebook cannot be used at all. One sentence with the place, the reason, the remedy."""


class GradebookBusy(GradebookError):
    """The gradebook cannot be used at this moment: lost, or held by another. It is worth a try more."""


class EntryRefused(CourseError):
    """One entry cannot be written; others can. A sentence as above.

    Where two graders write the same at once, the slower one is told this, and may try again.
    """


def refused(url: str | URL, error: Exception) -> CourseError:
    """The error to raise for what a database, its driver or SQLAlchemy has raised.

    Arguments: the address of the gradebook; what was raised. It is a GradebookError, or an
    EntryRefused where only what was to be written is at fault.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        return GradebookError(NO_ADDRESS)
    reason = _reason(error)
    if address.password:
        reason = reason.replace(str(address.password), "***")
    kind = GradebookError
    state = sqlstate(error)
    if isinstance(error, IntegrityError | DataError) or state.startswith(OF_THE_ENTRY):
        return EntryRefused(f"The gradebook {place(address)} did not take it: {reason}.")
    if _may_pass(error, state) or "database is locked" in reason:
        kind = GradebookBusy
    remedies = (remedy for word, remedy in REMEDIES.items() if word in reason.lower())
    remedy = next(remedies, DEFAULT_REMEDY)
    return kind(f"The gradebook {place(address)} cannot be used: {reason}. {remedy}")


def place(address: URL) -> str:
    """Where a gradebook is, without a secret: the address without password and further settings."""
    if address.get_backend_name() == "sqlite":
        return address.render_as_string(hide_password=True)
    # An @ in the password that was not written as %40 makes its end a part of the host.
    host = (address.host or "").rpartition("@")[2] or "this machine"
    port = f":{address.port}" if address.port else ""
    return f"'{address.database}' on {host}{port}"


def sqlstate(error: Exception) -> str:
    """PostgreSQL's own number of an error, empty where there is none."""
    original = getattr(error, "orig", None)
    said = original.args[0] if original is not None and original.args else None
    state = said.get("C") if isinstance(said, dict) else getattr(original, "sqlstate", None)
    return state or ""


def _may_pass(error: Exception, state: str) -> bool:
    """Whether the connection broke, by the driver's word or the server's, or others held a lock."""
    broken = isinstance(error, DBAPIError) and error.connection_invalidated
    return broken or state.startswith(TRY_AGAIN)


def _reason(error: Exception) -> str:
    """What went wrong, on one line: the server's words, else the system's, else the driver's."""
    original = getattr(error, "orig", None) or error
    said = original.args[0] if original.args else ""
    if isinstance(said, dict):  # pg8000 gives the fields of the server's answer; M is the message
        return str(said.get("M", "the server gave no reason"))
    cause = original.__cause__
    if isinstance(cause, ConnectionRefusedError | socket.gaierror) and cause.strerror:
        return cause.strerror
    if "network error" in str(original):
        return "the connection was lost"
    return " ".join(str(original).split())[:300].rstrip(".")
