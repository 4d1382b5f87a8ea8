"""What a person does at a desk with this course: every gesture once, in the words of the page."""

from pathlib import Path

from hub_driver import HOUSE, RunningHub
from playwright.sync_api import Browser, FrameLocator, Page, expect

SCREENSHOTS = HOUSE / "_build" / "screenshots"
PATIENCE = 60_000  # milliseconds: the machine may be slow and shared


class Desk:
    """Somebody with a browser of their own, logged in to the hub."""

    def __init__(self, browser: Browser, hub: RunningHub, name: str):
        self.hub, self.name = hub, name
        self.base = f"{hub.url}/user/{name}"
        self.elsewhere: list[str] = []
        self.context = browser.new_context(viewport={"width": 1280, "height": 800})
        self.context.set_default_timeout(PATIENCE)
        self.context.on("request", self._note_address)
        self.page = self.context.new_page()

    def _note_address(self, request) -> None:
        if not request.url.startswith((self.hub.url, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def log_in(self) -> None:
        self.page.goto(self.hub.url)
        self.page.fill("#username_input", self.name)
        self.page.fill("#password_input", self.hub.passwords[self.name])
        self.page.click("#login_submit")
        self.page.wait_for_selector("#jp-main-dock-panel")
        expect(self.page.get_by_role("heading", name="Welcome to Casework").first).to_be_visible(
            timeout=PATIENCE
        )

    def choose(self, menu: str, entry: str) -> None:
        self.page.locator(".lm-MenuBar-itemLabel", has_text=menu).first.click()
        self.page.locator(".lm-Menu-itemLabel", has_text=entry).first.click()

    def picture(self, name: str, page: Page | None = None) -> Path:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        (page or self.page).screenshot(path=path)
        return path

    def press(self, words: str) -> None:
        """Press a button of the page by the word on it."""
        self.page.get_by_role("button", name=words, exact=True).first.click()

    def open_formgrader(self) -> FrameLocator:
        """Open formgrader from the menu; it stands in a frame of JupyterLab."""
        self.choose("Nbgrader", "Formgrader")
        frame = self.page.frame_locator("iframe")
        expect(frame.get_by_role("link", name="crypto-1").first).to_be_visible(timeout=PATIENCE)
        return frame

    def replace_notebook(self, path: str, fill_in) -> None:
        """Read a notebook through the page's own session, let `fill_in` change it, write it back."""
        address = f"{self.base}/api/contents/{path}"
        ask = """async ([address, content]) => {
            const headers = {
                'X-XSRFToken': document.cookie.match('(?:^|; )_xsrf=([^;]*)')[1],
                'Content-Type': 'application/json',
            };
            const wanted = content === null ? {headers} : {
                headers,
                method: 'PUT',
                body: JSON.stringify({type: 'notebook', format: 'json', content}),
            };
            const answer = await fetch(address, wanted);
            return [answer.status, (await answer.json()).content];
        }"""
        status, notebook = self.page.evaluate(ask, [address, None])
        assert status == 200
        status, _ = self.page.evaluate(ask, [address, fill_in(notebook)])
        assert status == 200

    def open_notebook(self, path: str) -> None:
        self.page.goto(f"{self.base}/lab/tree/{path}")
        name = self.page.locator(".jp-Toolbar-kernelName:visible")
        expect(name).to_have_text("Python 3 (ipykernel)", timeout=PATIENCE)
        kernel = self.page.locator(".jp-Notebook-ExecutionIndicator:visible").first
        expect(kernel).to_have_attribute("data-status", "idle", timeout=PATIENCE)
