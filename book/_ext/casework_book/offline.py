"""Keep the built pages whole in themselves: nothing is asked of another host, nothing unused is sent.

Readers are on slow links, in closed networks, or open the folder from a stick. So three things that
the parts of Jupyter Book bring along are taken out again:

- sphinx-thebe, which writes a script address of a public CDN into every page, twice;
- MathJax, which Sphinx would load from a CDN: a page with a formula stops the build and says why;
- FontAwesome's 1.5 MB of script for a dozen icons (`book/_assets/book.css` draws them) and the
  source maps, which no reader needs.
"""

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

log = logging.getLogger(__name__)

NOT_OURS = ("sphinx_thebe", "sphinx_togglebutton")
"""Extensions that Jupyter Book always loads; their work on our pages is switched off."""

NOT_SENT = (
    "*.map",
    "scripts/fontawesome.js*",
    "vendor/fontawesome/**/*",
    "sphinx-thebe*",
    "togglebutton*",
    "webpack-macros.html",
    "sbt-webpack-macros.html",
)
"""Files under `_static` that no page of ours names."""


def silence_extensions(app: Sphinx, *_: object) -> None:
    """Take the listeners of the unwanted extensions off every event."""
    for listeners in app.events.listeners.values():
        listeners[:] = [
            listener
            for listener in listeners
            if getattr(listener.handler, "__module__", "").split(".")[0] not in NOT_OURS
        ]


def unlink_files(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Leave the unwanted extensions' styles and scripts out of the page's head."""
    for kind in ("css_files", "script_files"):
        context[kind] = [
            asset
            for asset in context[kind]
            if not any(
                fnmatch(str(getattr(asset, "filename", asset)), f"*{pattern}")
                for pattern in NOT_SENT
            )
        ]


def refuse_formulas(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Warn of every formula, which stops the build under `-W`."""
    for formula in doctree.findall(lambda node: isinstance(node, nodes.math | nodes.math_block)):
        log.warning(
            "a formula would load MathJax from another host: write it as words or as code",
            location=formula,
            type="casework",
        )


def drop_icon_font(static: Path) -> None:
    """Cut the icon font and its two thousand glyph names out of the theme's style sheet."""
    sheet = static / "styles" / "pydata-sphinx-theme.css"
    if sheet.is_file():
        text = sheet.read_text(encoding="utf-8")
        text = re.sub(r"@font-face\{[^}]*vendor/fontawesome[^}]*\}", "", text)
        text = re.sub(r'\.fa-[^{}]*:before\{content:"[^"]*"\}', "", text)
        sheet.write_text(text, encoding="utf-8")


def drop_unused_files(app: Sphinx, failure: Exception | None) -> None:
    """Remove from the finished book what no page names."""
    if failure or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    drop_icon_font(static)
    for pattern in NOT_SENT:
        for path in sorted(static.rglob(pattern)):
            if path.is_file():
                path.unlink()
    for folder in sorted((path for path in static.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def setup(app: Sphinx) -> None:
    """Listen before the theme and the unwanted extensions do their work."""
    app.connect("config-inited", silence_extensions, priority=900)
    app.connect("html-page-context", unlink_files, priority=900)
    app.connect("doctree-resolved", refuse_formulas)
    app.connect("build-finished", drop_unused_files)
