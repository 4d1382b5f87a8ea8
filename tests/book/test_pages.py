"""The built pages: they exist, their links lead somewhere, and nothing in them asks another host."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import yaml
from making import HOUSE, build, chapters

pytestmark = pytest.mark.slow

LOADED = {  # what a browser fetches by itself, by tag and attribute
    ("script", "src"),
    ("link", "href"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("audio", "src"),
    ("video", "src"),
    ("object", "data"),
    ("embed", "src"),
    ("form", "action"),
}
NEVER_FETCHED = {  # addresses in scripts that are names or advice
    "http://www.w3.org/2000/svg",  # the name of a vocabulary
    # A hint that the theme prints for authors whose version list is broken; we have no such list.
    "https://pydata-sphinx-theme.readthedocs.io/en/stable/user_guide/version-dropdown.html",
}


class Page(HTMLParser):
    """What the tests ask of one page: its anchors, links, loads, pictures and words."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.text = ""
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.anchors.add(str(found["id"]))
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
        if tag == "img":
            self.pictures.append(found)
        self.loads += [str(found[name]) for name in found if (tag, name) in LOADED and found[name]]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="session")
def pages(html: Path) -> dict[str, Page]:
    return {
        file.relative_to(html).as_posix(): Page(file)
        for file in sorted(html.rglob("*.html"))
        if "_static" not in file.parts
    }


def test_every_chapter_of_the_contents_is_a_real_page(pages: dict[str, Page]) -> None:
    for name in chapters():
        assert len(pages[name].text.split()) > 500, f"{name} is hardly a page"


def test_the_front_door_leads_to_the_first_chapter(html: Path) -> None:
    door = (html / "index.html").read_text(encoding="utf-8")
    assert f"url={chapters()[0]}" in door


def test_only_what_the_contents_name_is_built(pages: dict[str, Page]) -> None:
    assert set(pages) == {*chapters(), "index.html", "search.html"}


def test_every_link_inside_the_book_leads_somewhere(pages: dict[str, Page], html: Path) -> None:
    checked = 0
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or link == "#":
                continue
            target = unquote(urljoin(name, parts.path)) if parts.path else name
            assert (html / target).is_file(), f"{name} links to {link}, which is not in the book"
            if parts.fragment:
                assert parts.fragment in pages[target].anchors, f"{name}: no anchor for {link}"
            checked += 1
    assert checked > 50


def test_every_question_of_an_exercise_has_its_section(pages: dict[str, Page]) -> None:
    asked = 0
    for file in sorted(HOUSE.glob("exercises/*/questions.yml")):
        for question in yaml.safe_load(file.read_text(encoding="utf-8")):
            page, anchor = question["chapter"].split("#")
            assert anchor in pages[f"{page}.html"].anchors, question["chapter"]
            asked += 1
    assert asked >= 8


def test_every_picture_is_described_in_words(pages: dict[str, Page]) -> None:
    described = [picture.get("alt") or "" for page in pages.values() for picture in page.pictures]
    assert len(described) >= 5
    for words in described:
        assert len(words.split()) >= 5 and not words.startswith("_images/"), words


def test_no_page_loads_anything_from_another_host(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        for load in page.loads:
            assert not urlsplit(load).netloc, f"{name} loads {load}"


def test_no_style_or_script_names_another_host(html: Path) -> None:
    files = [file for kind in ("*.css", "*.js") for file in html.rglob(kind)]
    assert files
    for file in files:
        text = re.sub(
            r"/\*.*?\*/|^\s*//[^\n]*", "", file.read_text("utf-8"), flags=re.DOTALL | re.M
        )
        named = set(re.findall(r"""https?://[^"'` )]+""", text)) - NEVER_FETCHED
        assert not named, f"{file.name} names {named}"
        assert not re.search(r"""(?:url\(|@import\s+)["']?//""", text), file.name


def test_no_page_says_where_it_was_built(html: Path) -> None:
    for file in html.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert str(HOUSE) not in text and "site-packages" not in text, file.name


def test_a_second_build_reads_nothing_again(out: Path) -> None:
    again = build(HOUSE, out)
    assert again.returncode == 0, again.stdout[-2000:]
    [said] = [line for line in again.stdout.splitlines() if "updating environment" in line]
    assert "0 added, 0 changed, 0 removed" in said
