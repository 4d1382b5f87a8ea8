"""The explorer in a real JupyterLab page: the arrow keys stay in the list, the page stays narrow."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

CODE = 'import casework\ncasework.BlockExplorer(casework.open_case("crypto-1").block)'


@pytest.fixture
def lab(small_world: Path, tmp_path: Path) -> Iterator[str]:
    """Serve a notebook that shows the explorer; yield its address."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "explore.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    homes = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = {**os.environ, **{name: str(tmp_path / name) for name in homes}}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    with (tmp_path / "lab.log").open("w") as log:
        server = subprocess.Popen(
            [*command, f"--ServerApp.root_dir={tmp_path}"], env=environment, stdout=log, stderr=log
        )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.25)
        yield f"{address}/lab/tree/explore.ipynb"
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.slow
@pytest.mark.browser
def test_arrow_keys_choose_a_field_on_a_narrow_page(lab, browser):
    page = browser.new_page(viewport={"width": 620, "height": 1200})
    page.goto(lab, timeout=120_000)
    # A cell that is run before its kernel is there is not run at all.
    ready = page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    ready.first.wait_for(state="attached", timeout=120_000)
    page.locator(".jp-Cell").first.click(timeout=120_000)
    page.keyboard.press("Control+b")  # hides the side bar
    page.locator(".jp-Cell .cm-content").first.click()
    page.keyboard.press("Control+Enter")
    fields = page.locator("select[data-lm-suppress-shortcuts]")
    fields.wait_for(timeout=120_000)
    fields.focus()
    for name in ("Hash of the previous block", "Merkle root", "Time"):
        page.keyboard.press("ArrowDown")
        page.get_by_role("status").get_by_text(name, exact=True).wait_for()
    assert page.locator(".jp-OutputArea mark").inner_text().count(" ") == 3
    page.get_by_label("Field of the block").select_option(index=6)
    page.get_by_text("How many transactions follow").wait_for()
    pre = page.locator(".jp-OutputArea pre")
    assert pre.evaluate("element => element.scrollWidth <= element.parentElement.clientWidth")
    page.close()
