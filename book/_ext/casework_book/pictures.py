"""Every picture is also words, and every table can be read aloud.

A picture without a description stops the build under `-W`. A figure drawn by a cell gets its
description from the cell (`mystnb: image: alt:`); without one, Sphinx would read out the file's name.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

log = logging.getLogger(__name__)


def described(picture: nodes.image) -> bool:
    """Whether the picture's description is words and not the name of its file."""
    words = picture.get("alt", "").strip()
    return len(words.split()) >= 3 and words != picture["uri"]


def ask_for_words(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Warn of every picture that has no description."""
    for picture in doctree.findall(nodes.image):
        if not described(picture):
            log.warning(
                "the picture %s has no description: say in `alt` what there is to see",
                picture["uri"],
                location=page,
                type="casework",
            )


def mend_tables(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Make the empty corner of a pandas table a plain cell: an empty heading has nothing to say."""
    if "body" in context:
        context["body"] = context["body"].replace("<th></th>", "<td></td>")


def setup(app: Sphinx) -> None:
    """Look at each page once it is whole."""
    app.connect("html-page-context", mend_tables)
    app.connect("doctree-resolved", ask_for_words)
