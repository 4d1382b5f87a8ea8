"""What our book needs beside Jupyter Book: no foreign host, honest caching, pictures in words, a byte explorer.

`_config.yml` names this folder under `local_extensions`; Sphinx then calls `setup`.
"""

from typing import Any

from sphinx.application import Sphinx

from casework_book import byte_explorer, execution, offline, pictures


def setup(app: Sphinx) -> dict[str, Any]:
    """Join the four parts to the build. Sphinx calls this once, before it reads any page."""
    for part in (offline, execution, pictures, byte_explorer):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
