"""From fetching an assignment to full marks, in two browsers, as a class would do it."""

import re

import nbformat
import pytest
from desk import PATIENCE, Desk
from hub_driver import HOUSE
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from autograder.authoring import answer_notebook, questions

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CRYPTO_1 = HOUSE / "exercises" / "crypto-1"
NOTEBOOK = "crypto-1/crypto-1.ipynb"
POINTS = {question.id: question.points for question in questions(CRYPTO_1)}
FINDING = """I searched the blocks up to the end of my case for the address under inquiry and the tip address.

I found what the balance and the tip above say, and nothing else.

I am sure of the payments, for anybody can repeat the search. I am not sure who held the keys.

Against it speaks that an address is not a person, and that I did not search outside the chain."""


def test_a_trainee_goes_from_fetching_to_full_marks(browser: Browser, hub) -> None:
    ada = Desk(browser, hub, "ada")
    instructor = Desk(browser, hub, "instructor")

    fetch(ada)
    answer(ada)
    submit(ada)
    collect_and_autograde(instructor)
    mark_the_finding(instructor)
    release_feedback(instructor)
    read_feedback(ada)

    assert ada.elsewhere == instructor.elsewhere == [], "a page asked another host for something"


def fetch(ada: Desk) -> None:
    ada.log_in()
    ada.picture("01-welcome")
    ada.choose("Nbgrader", "Assignment List")
    expect(ada.page.locator("#released_assignments_list")).to_contain_text("crypto-1")
    ada.picture("02-assignment-list")
    ada.press("Fetch")
    expect(ada.page.locator("#fetched_assignments_list")).to_contain_text("crypto-1")


def answer(ada: Desk) -> None:
    def fill_in(notebook: dict) -> dict:
        release = nbformat.from_dict(notebook)
        return answer_notebook(CRYPTO_1, release, CRYPTO_1 / "answers" / "right_pandas.py")

    ada.replace_notebook(NOTEBOOK, fill_in)
    ada.open_notebook(NOTEBOOK)
    ada.choose("Run", "Run All Cells")
    kernel = ada.page.locator(".jp-Notebook-ExecutionIndicator:visible").first
    for state in ("busy", "idle"):
        expect(kernel).to_have_attribute("data-status", state, timeout=PATIENCE)
    write_the_finding(ada)
    ada.press("Validate")
    expect(ada.page.locator(".jp-Dialog")).to_contain_text(
        "Your notebook passes all the tests", timeout=PATIENCE
    )
    ada.picture("03-validated")
    ada.press("Ok")


def write_the_finding(ada: Desk) -> None:
    finding = ada.page.locator(".jp-Notebook-cell", has_text="What I searched.").last
    finding.locator(".jp-RenderedMarkdown").dblclick()
    editor = finding.locator(".cm-content")
    editor.click()
    expect(editor).to_be_focused()
    ada.page.keyboard.press("Control+A")
    ada.page.keyboard.insert_text(FINDING)
    ada.page.keyboard.press("Control+Enter")
    expect(ada.page.locator(".jp-Notebook-cell").last).to_contain_text("not a person")


def submit(ada: Desk) -> None:
    ada.choose("Nbgrader", "Assignment List")
    ada.press("Submit")
    expect(ada.page.locator("#submitted_assignments_list")).to_contain_text("crypto-1")
    ada.picture("04-submitted")


def row(table: Page | FrameLocator) -> Locator:
    """The line of crypto-1 in formgrader's table of assignments."""
    return table.locator("tr", has_text="crypto-1")


def collect_and_autograde(instructor: Desk) -> None:
    instructor.log_in()
    formgrader = instructor.open_formgrader()
    instructor.picture("05-formgrader")
    row(formgrader).locator("td.collect a").click()
    expect(formgrader.locator(".modal.in")).to_contain_text("Success", timeout=PATIENCE)
    formgrader.locator(".modal.in .btn-primary.close").click()
    row(formgrader).locator("td.num-submissions a").click()
    formgrader.locator("td.autograde a").click()
    expect(formgrader.locator(".modal.in")).to_contain_text(
        "Successfully autograded", timeout=PATIENCE
    )
    instructor.picture("06-autograded")
    formgrader.locator(".modal.in .btn-primary.close").click()
    by_machine = sum(POINTS.values()) - POINTS["finding"]
    expect(formgrader.locator("td.score")).to_have_text(
        re.compile(rf"^\s*{by_machine}(\.0)? / {sum(POINTS.values())}")
    )
    expect(formgrader.locator("td.status")).to_contain_text("needs manual grading")


def mark_the_finding(instructor: Desk) -> None:
    instructor.page.goto(f"{instructor.base}/formgrader/gradebook/crypto-1/crypto-1")
    instructor.page.get_by_role("link", name="Submission #1").click()
    finding = instructor.page.locator(".nbgrader_cell", has=instructor.page.locator("#finding"))
    finding.scroll_into_view_if_needed()
    expect(finding).to_contain_text("What speaks against it")  # what to look for
    expect(instructor.page.locator("body")).to_contain_text("an address is not a person")
    finding.locator(".full-credit").click()
    expect(finding.locator("#finding")).to_have_value(str(POINTS["finding"]))
    comment = finding.locator("#finding-comment")
    comment.fill("Clear, and fair to the person named.")
    comment.blur()
    expect(finding.locator(".comment-saved")).to_be_visible()
    instructor.picture("07-finding-marked")


def release_feedback(instructor: Desk) -> None:
    page = instructor.page
    page.goto(f"{instructor.base}/formgrader/manage_assignments")
    for column in ("generate-feedback", "release-feedback"):
        row(page).locator(f"td.{column} a").click()
        expect(page.locator(".modal.in")).to_contain_text("Success", timeout=PATIENCE)
        page.locator(".modal.in .btn-primary.close").click()
        expect(page.locator(".modal.in")).to_have_count(0)
    instructor.picture("08-feedback-released")


def read_feedback(ada: Desk) -> None:
    ada.page.locator("#refresh_assignments_list").click()
    ada.press("Fetch Feedback")
    ada.page.get_by_text("view feedback").first.click()
    ada.page.locator(".jp-DirListing-item", has_text="crypto-1.html").dblclick()
    body = ada.page.frame_locator("iframe").locator("body")
    everything = sum(POINTS.values())
    expect(body).to_contain_text(
        re.compile(rf"{everything}(\.0)? (of|/) {everything}(\.0)?"), timeout=PATIENCE
    )
    expect(body).to_contain_text("Clear, and fair to the person named.")
    ada.picture("09-feedback")
