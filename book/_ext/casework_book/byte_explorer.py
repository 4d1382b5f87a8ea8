"""The directive `{byte-explorer}`: bytes and the fields they hold, side by side, one field lit at a time.

Plain HTML and CSS, made at build time: radio buttons choose the field, so that a mouse, a finger, the
arrow keys and a screen reader all work, from a server and from a file, with no script at all.

```
:::{byte-explorer} 010000006fe2...
:name: a-word-for-its-ids
- {field: Version, bytes: 4, as: number, says: Which rules the block follows.}
:::
```

`as` is one of `number` (little-endian), `time` (the same, as Unix seconds), `hash` (shown reversed, as
people write it) and `target` (the threshold that compact "bits" stand for).
"""

import html
from dataclasses import dataclass
from datetime import UTC, datetime

import yaml
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

KINDS = ("number", "time", "hash", "target")


@dataclass(frozen=True)
class Field:
    """One field: its name, where its bytes begin, the bytes, how to read them, and what it means."""

    name: str
    start: int
    raw: bytes
    kind: str
    says: str

    @property
    def place(self) -> str:
        """Where the field stands, counted from 0, both ends included."""
        end = self.start + len(self.raw) - 1
        return f"byte {self.start}" if end == self.start else f"bytes {self.start} to {end}"

    @property
    def reading(self) -> str:
        """The value in words, with the steps that lead to it."""
        turned = self.raw[::-1].hex()
        number = int.from_bytes(self.raw, "little")
        if self.kind == "hash":
            return f"read from the back: {turned}"
        steps = f"read from the back: {turned} = {number:,}"
        if self.kind == "time":
            moment = datetime.fromtimestamp(number, UTC)
            return f"{steps} seconds since 1970 = {moment.day} {moment:%B %Y, %H:%M:%S} UTC"
        if self.kind == "target":
            exponent, mantissa = self.raw[3], int.from_bytes(self.raw[:3], "little")
            target = mantissa << (8 * (exponent - 3))
            zeros = (256 - target.bit_length()) // 4
            return (
                f"read from the back: {turned}, short for a hash that begins with {zeros} hex zeros"
            )
        return steps


def fields(raw: bytes, rows: list[dict[str, object]]) -> list[Field]:
    """Cut `raw` into the fields of `rows`; a ValueError says which row does not fit."""
    found, start = [], 0
    for row in rows:
        if set(row) != {"field", "bytes", "as", "says"}:
            raise ValueError(f"each field needs field, bytes, as, says; this one has {sorted(row)}")
        if row["as"] not in KINDS:
            raise ValueError(f"{row['field']}: 'as' is one of {', '.join(KINDS)}")
        size = int(str(row["bytes"]))
        part = raw[start : start + size]
        if size < 1 or len(part) < size:
            raise ValueError(f"{row['field']}: {size} bytes from byte {start} go beyond the end")
        found.append(Field(str(row["field"]), start, part, str(row["as"]), str(row["says"])))
        start += size
    if start != len(raw):
        raise ValueError(f"the fields cover {start} bytes, but {len(raw)} are given")
    return found


def drawing(name: str, parts: list[Field]) -> str:
    """The explorer as HTML; `name` makes its ids unlike any other on the page."""
    choices, runs, panels = [], [], []
    for number, part in enumerate(parts):
        one = f"{name}-{number}"
        ticked = " checked" if number == 0 else ""
        choices.append(
            f'<input type="radio" name="{name}" id="{one}" class="pick pick-{number}"{ticked}>'
            f'<label for="{one}" class="tab tab-{number}">{html.escape(part.name)}</label>'
        )
        # A picture of the choice for eyes and fingers; the radio buttons already say it in words.
        pairs = "".join(f"<span>{byte:02x}</span>" for byte in part.raw)
        runs.append(
            f'<label for="{one}" class="run run-{number}" aria-hidden="true">{pairs}</label>'
        )
        size = f"{len(part.raw)} byte{'s' if len(part.raw) > 1 else ''}"
        panels.append(
            f'<div class="panel panel-{number}"><p><strong>{html.escape(part.name)}</strong>: '
            f"{size}, {part.place}. {html.escape(part.says)}</p>"
            f"<p><code>{part.raw.hex(' ')}</code><br>{html.escape(part.reading)}</p></div>"
        )
    return (
        f'<fieldset class="byte-explorer" id="{name}"><legend>Choose a field, or touch a byte</legend>'
        f'<div class="tabs">{"".join(choices)}</div><div class="bytes">{"".join(runs)}</div>'
        f'<div class="panels" aria-live="polite">{"".join(panels)}</div></fieldset>'
    )


class ByteExplorer(SphinxDirective):
    """Bytes in hex as the argument, their fields as a YAML list in the body."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {"name": directives.unchanged_required}  # noqa: RUF012 (docutils reads it so)

    def run(self) -> list[nodes.Node]:
        """Give the explorer, or an error that names the field which does not fit."""
        try:
            raw = bytes.fromhex("".join(self.arguments[0].split()))
            parts = fields(raw, yaml.safe_load("\n".join(self.content)))
        except (ValueError, yaml.YAMLError) as wrong:
            raise self.error(f"byte-explorer: {wrong}") from wrong
        name = nodes.make_id(self.options.get("name", "bytes"))
        return [nodes.raw("", drawing(name, parts), format="html")]


def setup(app: Sphinx) -> None:
    """Offer the directive."""
    app.add_directive("byte-explorer", ByteExplorer)
