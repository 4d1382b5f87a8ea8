"""No page that an instructor or a trainee opens runs a trainee's script or loads from elsewhere."""

import base64
import io
import re
import time

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from PIL import Image
from traitlets.config import Config

from autograder.display import output_html, safe_html, safe_markdown, safe_outputs

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="http://evil.example/x.png">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<p style="background:url(http://evil.example/x)">x</p>',
    "<style>@import url(http://evil.example/x.css);</style>",
    '<iframe src="http://evil.example"></iframe>',
    '<form action="http://evil.example"><input name="a"></form>',
    '<svg><image href="http://evil.example/x"/><script>alert(1)</script></svg>',
    '<math><mtext><img src=x onerror="alert(1)"></mtext></math>',
    '<link rel="stylesheet" href="http://evil.example/x.css">',
    '<meta http-equiv="refresh" content="0;url=http://evil.example">',
    '<object data="http://evil.example"></object><embed src="http://evil.example">',
    '<video src="http://evil.example/x"></video>',
    '<table background="http://evil.example/x"><tr><td>x</td></tr></table>',
    "![x](http://evil.example/x.png)",
    '<blockquote>a\n\n![x](http://evil.example/x.png)\n\n<b onclick="alert(1)">b</b></blockquote>',
    "[x](javascript:alert(1))",
    "</pre></div><script>alert(1)</script>",
]
DANGER = re.compile(
    r"<script>|alert\(1\)[\"']?>|on(error|click)=|src=[\"']?http|javascript:|<iframe|<form|<svg"
    r"|<style>@|url\(|<link|<object|<embed|<video|background=|refresh",
    re.IGNORECASE,
)


def picture(width: int, height: int) -> str:
    """A PNG of one colour, in base64."""
    made = io.BytesIO()
    Image.new("1", (width, height)).save(made, "PNG")
    return base64.b64encode(made.getvalue()).decode()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_html_and_markdown_come_out_harmless(text):
    assert not DANGER.search(safe_html(text)) or "![" in text or "[x](" in text
    assert not DANGER.search(safe_markdown(text))


def test_what_a_trainee_shows_is_still_to_be_seen():
    table = '<table border="1"><thead><tr><th>txid</th></tr></thead><tbody><tr><td>ab</td></tr></tbody></table>'
    assert safe_html(table) == table
    assert safe_markdown(
        "**Found** on `2026-01-01`, see [the law](https://law.example/a)."
    ).startswith("<p><strong>Found</strong> on <code>2026-01-01</code>, see <a href=")
    png = picture(2, 2)
    figure = new_output("display_data", {"image/png": png + "\n", "text/plain": "<Figure>"})
    (kept,) = safe_outputs([figure])
    assert kept.data["image/png"] == png
    assert f'src="data:image/png;base64,{png}"' in output_html(kept)


def test_outputs_that_could_run_or_break_out_are_dropped():
    outputs = [
        new_output("display_data", {"application/javascript": "alert(1)"}),
        new_output("display_data", {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}}),
        new_output("display_data", {"image/svg+xml": "<svg onload=alert(1)>"}),
        new_output("display_data", {"image/png": '"><script>alert(1)</script>'}),
        {"output_type": "alien"},
    ]
    assert safe_outputs(outputs) == []


def test_a_half_character_in_an_output_can_be_written_to_a_file():
    (kept,) = safe_outputs([{"output_type": "stream", "name": "stdout", "text": "a\ud800b"}])
    kept.text.encode("utf-8")


@pytest.mark.parametrize("text", HOSTILE)
def test_formgraders_page_is_harmless(text):
    config = Config()
    config.HTMLExporter.preprocessors = ["autograder.display.SafeForBrowser"]
    config.HTMLExporter.template_name = "classic"
    notebook = new_notebook(
        cells=[
            new_markdown_cell(text),
            new_raw_cell(text),
            new_code_cell(
                "1",
                outputs=[
                    new_output("stream", text=text),
                    new_output("display_data", {"text/html": text, "text/latex": text}),
                    new_output("display_data", {"text/markdown": text}),
                    new_output("error", ename=text, evalue=text, traceback=[text]),
                ],
            ),
        ]
    )
    nbformat.validate(notebook)
    page, _ = HTMLExporter(config=config).from_notebook_node(notebook)
    body = page[page.index("<body") :]
    # Text may be quoted, escaped; markup may not stand there.
    for dangerous in (
        "<script>alert",
        "<img src=x",
        "<iframe",
        "<form",
        "<svg",
        "<object",
        "<video",
    ):
        assert dangerous not in body
    assert not re.search(r"<[^>]*(onerror|onclick|evil\.example|javascript:)[^>]*>", body)


def test_a_picture_that_would_fill_a_browsers_memory_is_not_shown():
    enormous = picture(30_000, 30_000)
    assert len(enormous) < 500_000
    html = f'<img src="data:image/png;base64,{enormous}">'
    shown = {"image/png": enormous, "text/html": html, "text/plain": "<Figure>"}
    (kept,) = safe_outputs([new_output("display_data", shown)])
    assert "image/png" not in kept.data
    assert enormous[:100] not in output_html(kept)
    small = f'<img src="data:image/png;base64,{picture(9, 9)}">'
    assert "src=" in safe_html(small)


@pytest.mark.parametrize("knot", ["\\begin{a}", "*a", "[", "\n\n* ", "<div>"])
def test_text_made_to_be_slow_to_lay_out_is_shown_as_it_is(knot):
    text = knot * (100_000 // len(knot))
    started = time.monotonic()
    assert safe_markdown(text).startswith("<pre>")
    many = [new_output("display_data", {"text/html": text, "text/plain": "x"})] * 100
    kept = safe_outputs(many)
    assert len(kept) == 100
    assert sum("text/html" in output.data for output in kept) <= 20
    assert time.monotonic() - started < 30
