"""Look into a block: choose a field, see its bytes among the others, read what they mean."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets

from casework.errors import CaseworkError
from cointrace import ChainError, Field, block_fields

_WIDTH = 16
_MOST_ROWS = 12
_MARK = "background: #FFE08A; color: #000; font-weight: bold; outline: 1px solid #000"
_SCROLL = "overflow-x: auto; max-width: 100%"
# JupyterLab takes the arrow keys from a list, to move between cells, unless the list carries this
# attribute. ipywidgets cannot set attributes, so a picture that never loads sets it.
_ARROW_KEYS_STAY = (
    '<img hidden alt="" src="data:," onerror="setTimeout(() => this.closest(\'.widget-vbox\')'
    "?.querySelector('select')?.setAttribute('data-lm-suppress-shortcuts', 'true'))\">"
)


class BlockExplorer:
    """An explorer of a block's header and first transactions, for a notebook.

    Choose a field with the mouse or with the arrow keys. Where widgets do not run (a printed page,
    a static book) the same fields stand in a table.

    Args:
        raw: the bytes of the block, such as `open_case("crypto-1").block`.
        network: decides how addresses are written.

    Raises:
        CaseworkError: these are not the bytes of a block.
    """

    def __init__(self, raw: bytes, network: str = "regtest") -> None:
        """Read the block and build the widgets; showing them is the notebook's part."""
        if not isinstance(raw, bytes):
            raise CaseworkError(
                f"The explorer wants the bytes of a block, not a {type(raw).__name__}: give it, for "
                'example, open_case("crypto-1").block.'
            )
        try:
            self.fields = block_fields(raw, network)
        except ChainError as error:
            raise CaseworkError(f"The explorer cannot read this block: {error}") from None
        self.raw = raw
        self.choice = ipywidgets.Select(
            options=[
                (f"{field.part} – {field.name}", number) for number, field in enumerate(self.fields)
            ],
            value=0,
            rows=9,
            description="Field of the block (choose with the arrow keys):",
            tooltip="Choose a field of the block to see its bytes and what they mean",
            style={"description_width": "initial"},
            layout=ipywidgets.Layout(flex_flow="column", width="100%", height="auto"),
        )
        self.reading = ipywidgets.HTML()
        self.bytes = ipywidgets.HTML()
        self.widget = ipywidgets.VBox(
            [self.choice, self.reading, self.bytes, ipywidgets.HTML(_ARROW_KEYS_STAY)],
            layout=ipywidgets.Layout(max_width="600px"),
        )
        self.choice.observe(self._show, names="value")
        self._show()

    def _show(self, _change: object = None) -> None:
        """Show the chosen field."""
        field = self.fields[self.choice.value]
        self.reading.value = _reading(field)
        self.bytes.value = _bytes_around(self.raw, field)

    def __repr__(self) -> str:
        """Return what is explored, in one line."""
        return f"<BlockExplorer of a block of {len(self.raw):,} bytes, {len(self.fields)} fields>"

    def _repr_html_(self) -> str:
        """Return the table of all fields, for pages without widgets."""
        return _table(self.raw, self.fields)

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        """Return widget, table and line of text; the page shows the first that it can."""
        return {
            **self.widget._repr_mimebundle_(),
            "text/html": self._repr_html_(),
            "text/plain": repr(self),
        }


def _place(field: Field) -> str:
    if field.end == field.start + 1:
        return f"byte {field.start:,}"
    return f"bytes {field.start:,} to {field.end - 1:,}"


def _reading(field: Field) -> str:
    """Return what the field says and means; screen readers announce it when it changes."""
    return (
        '<div role="status" aria-live="polite" style="line-height: 1.5; overflow-wrap: anywhere">'
        f"<p style='margin: 0.3em 0'><strong>{escape(field.name)}</strong> ({_place(field)}): "
        f"<code>{escape(field.value)}</code></p>"
        f"<p style='margin: 0.3em 0'>{escape(field.meaning)}</p></div>"
    )


def _bytes_around(raw: bytes, field: Field) -> str:
    """Return the bytes of the field in their rows, one row around them, the field marked."""
    first, last = field.start // _WIDTH, (field.end - 1) // _WIDTH
    shown = min(last, first + _MOST_ROWS - 1)
    rows = [
        _row(raw, number, field)
        for number in range(max(0, first - 1), shown + 2)
        if number * _WIDTH < len(raw)
    ]
    if shown < last:
        rows[-1] = f"        … {field.end - (shown + 1) * _WIDTH:,} more bytes of this field"
    lines = "\n".join(rows)
    return (
        f'<div role="region" tabindex="0" aria-label="Hexadecimal, {_place(field)} marked" '
        f'style="{_SCROLL}"><pre style="margin: 0; font-size: 13px; line-height: 1.6">{lines}</pre>'
        "<p style='margin: 0.3em 0'>Left: the number of the first byte of the row, from 0.</p></div>"
    )


def _row(raw: bytes, number: int, field: Field) -> str:
    start = number * _WIDTH
    stop = min(start + _WIDTH, len(raw))
    begin, end = max(start, min(field.start, stop)), max(start, min(field.end, stop))
    before, marked, after = raw[start:begin], raw[begin:end], raw[end:stop]
    parts = [
        before.hex(" "),
        f'<mark style="{_MARK}">{marked.hex(" ")}</mark>' if marked else "",
        after.hex(" "),
    ]
    return f"{start:>6,}  " + " ".join(part for part in parts if part)


def _table(raw: bytes, fields: list[Field]) -> str:
    rows = "".join(
        f"<tr><td>{escape(field.part)}</td><th scope='row'>{escape(field.name)}</th>"
        f"<td>{field.start:,}</td><td><code>{_short(raw[field.start : field.end])}</code></td>"
        f"<td><code>{escape(field.value)}</code></td><td>{escape(field.meaning)}</td></tr>"
        for field in fields
    )
    heads = ("Part", "Field", "First byte", "Bytes", "Value", "Meaning")
    head = "".join(f"<th scope='col'>{name}</th>" for name in heads)
    return (
        f'<div role="region" tabindex="0" aria-label="Fields of a block" style="{_SCROLL}">'
        "<table style='text-align: left; overflow-wrap: anywhere'>"
        f"<caption>The first fields of a block of {len(raw):,} bytes</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _short(data: bytes) -> str:
    return data.hex(" ") if len(data) <= 8 else f"{data[:8].hex(' ')} …"
