"""What nbgrader's gradebook needs to live on a PostgreSQL server. Import it, and it is in force.

`nbgrader_config.py` imports it, so that formgrader and nbgrader's own commands have it too.

A constant inside `coalesce` is sent to the server as a part of the text and not as a parameter.
nbgrader groups formgrader's tables by `coalesce(x, 0.0)` and shows the same expression; to
PostgreSQL, `coalesce(x, $1)` and `coalesce(x, $2)` are two, and it refuses the query.
"""

from typing import Any

from sqlalchemy import BindParameter, Dialect, Engine, event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import coalesce

CONNECT_SECONDS = 30.0
LOCK_SECONDS = 10


@event.listens_for(Engine, "do_connect")
def _ask_of_the_server(
    dialect: Dialect, record: Any, arguments: Any, settings: dict[str, Any]
) -> None:
    """Ask of each connection what a gradebook needs.

    An end to waiting: by itself it has none. And that what the server calls written is on its
    disk: a server may be set up to say so up to a second too early, and a crash then takes marks
    of submissions that we count as graded.
    """
    if dialect.driver == "pg8000":
        settings.setdefault("timeout", CONNECT_SECONDS)
        wanted = {"lock_timeout": f"{LOCK_SECONDS}s", "synchronous_commit": "on"}
        settings.setdefault("startup_params", wanted)


@compiles(coalesce, "postgresql")
def _with_its_constants(element: coalesce, compiler: SQLCompiler, **options: Any) -> str:
    """Render `coalesce` with its constants in the text, put there when it is executed."""
    parts = (
        part.render_literal_execute() if isinstance(part, BindParameter) else part
        for part in element.clauses
    )
    return f"coalesce({', '.join(compiler.process(part, **options) for part in parts)})"
