"""The explorer lights the bytes of the chosen field and says what they mean."""

import re
from html.parser import HTMLParser

import pytest

from casework import BlockExplorer, CaseworkError
from tests.cointrace import mint

BLOCK = mint.small_chain(4)[3]


class Balance(HTMLParser):
    """Counts open tags: a fragment that leaves one open breaks the page around it."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def lit(explorer: BlockExplorer) -> bytes:
    return bytes.fromhex("".join(re.findall(r"<mark[^>]*>([^<]*)</mark>", explorer.bytes.value)))


def test_every_field_lights_exactly_its_bytes():
    explorer = BlockExplorer(BLOCK)
    for number, field in enumerate(explorer.fields):
        explorer.choice.value = number
        assert lit(explorer) == BLOCK[field.start : field.end]
        assert field.name in explorer.reading.value
        parser = Balance()
        parser.feed(explorer.bytes.value + explorer.reading.value)
        assert parser.open == []


def test_the_time_reads_as_a_date():
    explorer = BlockExplorer(BLOCK)
    explorer.choice.value = next(
        number for number, field in enumerate(explorer.fields) if field.name == "Time"
    )
    assert "(bytes 68 to 71)" in explorer.reading.value
    assert "2011-03-13" in explorer.reading.value
    assert 'aria-label="Hexadecimal, bytes 68 to 71 marked"' in explorer.bytes.value


def test_a_long_field_is_cut_and_says_so():
    note = mint.Tx([(b"\1" * 32, 0)], [(0, b"\x6a" + bytes(600))])
    raw = mint.mined(bytes(32), [mint.coinbase(0, []), note], 1_400_000_000)
    explorer = BlockExplorer(raw)
    number = next(n for n, f in enumerate(explorer.fields) if f.end - f.start == 601)
    explorer.choice.value = number
    shown = lit(explorer)
    more = int(re.search(r"… (\d+) more bytes", explorer.bytes.value).group(1))
    assert 0 < more == 601 - len(shown)
    assert explorer.bytes.value.count("\n") <= 14


def test_screen_readers_get_names_and_news():
    explorer = BlockExplorer(BLOCK)
    assert explorer.choice.description.startswith("Field of the block")
    assert 'role="status" aria-live="polite"' in explorer.reading.value


def test_a_page_without_widgets_gets_a_table_and_a_line():
    explorer = BlockExplorer(BLOCK)
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"].count("<tr>") == len(explorer.fields) + 1
    parser = Balance()
    parser.feed(bundle["text/html"])
    assert parser.open == []
    assert bundle["text/plain"] == (
        f"<BlockExplorer of a block of {len(BLOCK)} bytes, {len(explorer.fields)} fields>"
    )


def test_nothing_is_fetched_from_anywhere():
    explorer = BlockExplorer(BLOCK)
    shown = "".join(child.value for child in explorer.widget.children[1:]) + explorer._repr_html_()
    assert not re.search(r"https?:|//|@import|<script|<link", shown)


def test_what_is_no_block_is_one_sentence():
    with pytest.raises(CaseworkError, match=r"not a str: give it, for example, open_case"):
        BlockExplorer("00")
    with pytest.raises(CaseworkError, match=r"cannot read this block: byte .*fresh copy\.$"):
        BlockExplorer(BLOCK[:-1])
