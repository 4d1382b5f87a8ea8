"""Every page in a real browser that reaches no other host, from a server and from a file."""

from typing import Any

import pytest
from making import chapters

pytestmark = [pytest.mark.slow, pytest.mark.browser]

EVERY_PAGE = [*chapters(), "index.html", "search.html?q=satoshi"]
MOST_BYTES = 900_000  # a first visit, nothing compressed; pictures included
VIEWS = [(390, "light"), (390, "dark"), (1200, "light"), (1200, "dark")]


class Watched:
    """A page with everything that went wrong on it, and what it weighed."""

    def __init__(self, browser: Any, root: str, width: int = 1200, colours: str = "light") -> None:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=colours
        )
        self.page = context.new_page()
        self.root = root
        self.wrong: list[str] = []
        self.bytes = 0
        self.page.on("request", self.asked)
        self.page.on("requestfailed", lambda request: self.wrong.append(f"failed: {request.url}"))
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("console", self.said)
        self.page.on("response", self.answered)

    def asked(self, request: Any) -> None:
        if not request.url.startswith((self.root, "data:")):
            self.wrong.append(f"asked for {request.url}")

    def said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text}")

    def answered(self, response: Any) -> None:
        if response.status >= 400:
            self.wrong.append(f"status {response.status}: {response.url}")
        self.bytes += int(response.headers.get("content-length", 0))

    def open(self, name: str) -> Any:
        self.page.goto(f"{self.root}/{name}")
        self.page.wait_for_load_state("networkidle")
        return self.page

    def __enter__(self) -> "Watched":
        return self

    def __exit__(self, *_: object) -> None:
        self.page.context.close()


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_opens_whole_and_asks_nobody_else(browser: Any, root: str, name: str) -> None:
    with Watched(browser, root) as seen:
        page = seen.open(name)
        assert page.locator("main h1:visible").count() == 1
        for picture in page.locator("article img").all():
            picture.scroll_into_view_if_needed()
            assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        assert seen.wrong == []


@pytest.mark.parametrize("name", chapters())
@pytest.mark.parametrize(("width", "colours"), VIEWS)
def test_a_page_is_never_wider_than_its_screen(
    browser: Any, served: str, name: str, width: int, colours: str
) -> None:
    with Watched(browser, served, width, colours) as seen:
        page = seen.open(name)
        assert page.evaluate("document.documentElement.dataset.theme") == colours
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert seen.wrong == []


def test_the_book_can_be_searched_both_ways(browser: Any, root: str) -> None:
    with Watched(browser, root) as seen:
        page = seen.open("search.html?q=coinbase")
        page.locator("#search-results a", has_text="Reading the chain").first.click()
        page.wait_for_url("**/book/reading-the-chain.html*")
        assert seen.wrong == []


def test_the_bytes_of_a_header_are_explored_with_arrow_keys(browser: Any, root: str) -> None:
    with Watched(browser, root) as seen:
        page = seen.open("book/reading-the-chain.html")
        explorer = page.locator("#genesis-header")
        explorer.get_by_label("Version").focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        shown = explorer.locator(".panel:visible")
        assert shown.count() == 1
        assert "1,231,006,505" in shown.inner_text()
        assert "3 January 2009, 18:15:05 UTC" in shown.inner_text()
        assert explorer.locator(".tab:visible").count() == 6
        assert seen.wrong == []


def test_touching_a_byte_shows_its_field(browser: Any, served: str) -> None:
    with Watched(browser, served, width=390) as seen:
        page = seen.open("book/reading-the-chain.html")
        page.locator("#genesis-header .run-5").click()
        shown = page.locator("#genesis-header .panel:visible").inner_text()
        assert shown.startswith("Nonce") and "2,083,236,893" in shown


def test_the_contents_open_and_close_on_a_phone(browser: Any, root: str) -> None:
    with Watched(browser, root, width=390) as seen:
        page = seen.open("book/reading-the-chain.html")
        entry = page.locator("nav.bd-links a", has_text="Python in half an hour").first
        page.locator("button.primary-toggle:visible").click()
        entry.wait_for(state="visible")
        page.keyboard.press("Escape")
        entry.wait_for(state="hidden")
        page.locator("button.secondary-toggle:visible").click()
        page.locator("nav.page-toc a", has_text="Writing a finding").first.wait_for(state="visible")
        assert seen.wrong == []


def test_an_answer_stays_folded_until_it_is_asked_for(browser: Any, root: str) -> None:
    with Watched(browser, root) as seen:
        page = seen.open("book/python-in-half-an-hour.html")
        answer = page.locator("details").first
        assert answer.get_attribute("open") is None
        answer.locator("summary").press("Enter")
        assert answer.locator("p").first.is_visible()


@pytest.mark.parametrize("name", chapters())
def test_a_first_visit_is_light_enough_for_a_slow_link(
    browser: Any, served: str, name: str
) -> None:
    with Watched(browser, served, width=390) as seen:
        seen.open(name)
        assert 50_000 < seen.bytes < MOST_BYTES, f"{name} weighs {seen.bytes:,} bytes"
