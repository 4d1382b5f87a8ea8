"""What may an instructor's or a trainee's browser be shown of a submission?

Pictures, tables and text: no script, no style, nothing that is loaded from another host. Used
for the outputs that are kept, for formgrader's pages and for feedback.
"""

import base64
import binascii
import html
import io
import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import nh3
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.filters import ansi2html, strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from PIL import Image, UnidentifiedImageError
from traitlets import Bool

TAGS = frozenset(
    {"a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del"}
    | {"details", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5"}
    | {"h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp"}
    | {"small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th"}
    | {"thead", "tr", "u", "ul", "var"}
)
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "scope"},
    "table": {"border"},
    "ol": {"start"},
}
DATA_IMAGE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*")
WEB_LINK = re.compile(r"(https?://|#)", re.IGNORECASE)
IMAGES = ("image/png", "image/jpeg")
MAX_PIXELS = 50_000_000
"""A larger picture is not shown: some kilobytes can unfold to more than a browser has memory."""
MAX_MARKDOWN = 20_000
"""Longer Markdown is shown as it was typed: laying it out can take minutes."""
MAX_TAGS = 8_000
"""HTML with more is shown as it was typed: tags within tags within tags take minutes."""
MAX_RICH = 2_000_000
"""Characters of HTML and Markdown that one notebook may show. What is beyond is shown as text."""
RICH = ("text/html", "text/markdown")
FIGURE = "A figure drawn by this cell"
MAX_TEXT = 100_000
"""Characters of one output that are shown."""


def safe_html(fragment: str) -> str:
    """An HTML fragment without script, style, forms, frames and remote pictures."""
    if fragment.count("<") > MAX_TAGS:
        return f"<pre>{html.escape(fragment)}</pre>"
    return nh3.clean(
        fragment,
        tags=set(TAGS),
        clean_content_tags={"script", "style", "template", "noscript", "iframe", "object"},
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "data"},
        strip_comments=True,
    )


def safe_markdown(text: str) -> str:
    """Markdown as safe HTML. Formulas stay as they were typed."""
    if len(text) > MAX_MARKDOWN or text.count("\\begin") > 200:
        return f"<pre>{html.escape(text)}</pre>"
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return safe_html(MarkdownWithMath(renderer=renderer).render(text))


def safe_outputs(outputs: Iterable[Mapping[str, Any]], rich: int = MAX_RICH) -> list[NotebookNode]:
    """The outputs of a cell, with only what can be shown safely, in a form that is valid nbformat.

    Arguments: the outputs; how many characters of HTML and Markdown may be laid out.
    """
    kept = []
    for output in outputs:
        cost = rich_size([output])
        made = _safe_output(output if cost <= rich else _as_text(output))
        rich -= cost if cost <= rich else 0
        if made is not None:
            kept.append(made)
    return kept


def rich_size(outputs: Iterable[Mapping[str, Any]]) -> int:
    """How many characters of HTML and Markdown some outputs hold, as far as they are looked at."""
    texts = (
        data.get(kind, "")
        for output in outputs
        if isinstance(data := output.get("data"), Mapping)
        for kind in RICH
    )
    return sum(min(len(_text(text)), MAX_TEXT) for text in texts if text)


def _as_text(output: Mapping[str, Any]) -> dict[str, Any]:
    """An output without what has to be laid out."""
    data = {kind: value for kind, value in output["data"].items() if kind not in RICH}
    return {
        **output,
        "data": data or {"text/plain": "... more tables and texts than are shown ..."},
    }


def output_html(output: Mapping[str, Any]) -> str:
    """One safe output as an HTML fragment."""
    kind = output["output_type"]
    if kind == "stream":
        return f"<pre>{ansi2html(output['text'])}</pre>"
    if kind == "error":
        lines = "\n".join(output["traceback"])
        return f"<pre>{html.escape(strip_ansi(lines))}</pre>"
    data = output["data"]
    for image in IMAGES:
        if image in data:
            return f'<img alt="{FIGURE}" src="data:{image};base64,{data[image]}">'
    if "text/html" in data:
        return f'<div class="table">{safe_html(data["text/html"])}</div>'
    return f"<pre>{html.escape(data.get('text/plain', ''))}</pre>"


class SafeForBrowser(Preprocessor):
    """Makes a notebook fit to be rendered by nbconvert: set it in `HTMLExporter.preprocessors`."""

    enabled = Bool(True).tag(config=True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Clean the outputs of a code cell; turn any other cell into safe text."""
        if cell.cell_type == "code":
            cell.outputs = safe_outputs(cell.outputs)
            return cell, resources
        text = cell.source if cell.cell_type == "markdown" else f"```\n{cell.source}\n```"
        made = new_markdown_cell(_one_block(safe_markdown(_inline_images(cell, text))))
        made.metadata = cell.metadata
        made["id"] = cell.get("id", made["id"])
        return made, resources


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Links may lead to the web, pictures must be in the page itself."""
    if (tag, name) == ("img", "src"):
        found = DATA_IMAGE.fullmatch(value)
        return value if found and _picture(value.partition(",")[2]) is not None else None
    if (tag, name) == ("a", "href"):
        return value if WEB_LINK.match(value) else None
    return value


def _inline_images(cell: NotebookNode, text: str) -> str:
    """Put pictures that were pasted into a text cell where the text names them."""
    for name, bundle in cell.get("attachments", {}).items():
        for kind, data in bundle.items():
            text = text.replace(f"(attachment:{name})", f"(data:{kind};base64,{data.strip()})")
    return text


def _one_block(fragment: str) -> str:
    """Keep nbconvert from reading safe HTML as Markdown again: one block, without an empty line."""
    closed = re.sub(r"\n(?=[ \t]*\n)", "&#10;", fragment.strip())
    return f"<div>\n{closed}\n</div>"


def _safe_output(output: Mapping[str, Any]) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return NotebookNode(output_type=kind, name=name, text=_text(output.get("text")))
    if kind == "error":
        return NotebookNode(
            output_type=kind,
            ename=_text(output.get("ename")),
            evalue=_text(output.get("evalue")),
            traceback=[_text(line) for line in output.get("traceback", ())],
        )
    if kind not in ("display_data", "execute_result"):
        return None
    data = _safe_data(output.get("data", {}))
    if not data:
        return None
    made = NotebookNode(output_type=kind, data=NotebookNode(data), metadata=NotebookNode())
    if kind == "execute_result":
        made.execution_count = output.get("execution_count")
    return made


def _safe_data(data: Mapping[str, Any]) -> dict[str, str]:
    """Of what a value shows of itself: pictures, cleaned HTML, text."""
    kept: dict[str, str] = {}
    for image in IMAGES:
        if (encoded := _picture(data.get(image))) is not None:
            kept[image] = encoded
    if "text/html" in data:
        kept["text/html"] = safe_html(_text(data["text/html"]))
    elif "text/markdown" in data:
        kept["text/html"] = safe_markdown(_text(data["text/markdown"]))
    plain = data.get("text/plain", data.get("text/latex"))
    if plain is not None:
        kept["text/plain"] = _text(plain)
    return kept


def _picture(value: Any) -> str | None:
    """The value again if it is base64 of a picture that a browser can show, and nothing else."""
    text = "".join(value) if isinstance(value, list) else value
    if not isinstance(text, str):
        return None
    text = re.sub(r"\s", "", text)
    try:
        raw = base64.b64decode(text, validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Only the head is read here, never the points of the picture.
            with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG", "GIF")) as picture:
                width, height = picture.size
    except (binascii.Error, ValueError, UnidentifiedImageError, OSError, SyntaxError):
        return None
    except Image.DecompressionBombError:
        return None
    return text if width * height <= MAX_PIXELS else None


def _text(value: Any) -> str:
    """Text of an output as one string that can be written to a file, cut where it is too long."""
    text = "".join(map(str, value)) if isinstance(value, list) else str(value)
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\n... cut here ..."
