"""The course on a JupyterHub, which runs on loopback and is driven in the browser: from release to the mark, read.

``make test-course`` installs the hub and runs this; the suite does not.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import nbformat
import pytest
from grading.course import HERE
from playwright.sync_api import expect

from tests.course.test_pages import wait_for

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "_build" / "jupyterhub"
SET, NOTEBOOK, PROBLEM = "ps1", "infinitely_many_solutions", "extremes"
PATIENCE = 120  # seconds, for a machine that has much else to do

expect.set_options(timeout=1000 * PATIENCE)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("IBNOTES_HUB" not in os.environ, reason="`make test-course` installs the hub"),
]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course's own folder with one of its problem sets."""
    root = tmp_path_factory.mktemp("hub") / "course"
    shutil.copytree(HERE, root, ignore=shutil.ignore_patterns("source", "release", "__pycache__", "*.db"))
    shutil.copytree(HERE / "source" / SET, root / "source" / SET)
    return root


@pytest.fixture(scope="module")
def hub(course):
    """A hub as ``make hub`` starts it, on free ports; its address."""
    files = course.parent / "hub"
    files.mkdir()
    port, internal, proxy = free_ports(3)
    where = [f"--JupyterHub.bind_url=http://127.0.0.1:{port}", f"--JupyterHub.hub_port={internal}"]
    where.append(f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{proxy}")
    command = [sys.executable, "-m", "jupyterhub", "-f", str(course / "hub" / "jupyterhub_config.py"), *where]
    environment = {**os.environ, "PYTHONPATH": f"{PACKAGES}{os.pathsep}{ROOT}"}
    with (files / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=files, env=environment, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/hub/login", process, files / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def free_ports(count):
    with ExitStack() as stack:
        return [stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(count)]


@pytest.fixture
def login(browser, hub):
    """Logs somebody in; nothing may ask the network."""
    outside = []

    def logged_in(name):
        context = browser.new_context(base_url=hub, viewport={"width": 1300, "height": 900})
        context.set_default_timeout(1000 * PATIENCE)
        context.on("request", lambda asked: outside.append(asked.url) if not asked.url.startswith(NEAR) else None)
        page = context.new_page()
        page.goto("/hub/login")
        page.get_by_label("Username").fill(name)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"**/user/{name}/**")
        return page

    yield logged_in
    assert outside == []


NEAR = ("data:", "blob:", "http://127.0.0.1:")


@contextmanager
def seen(page, name):
    """Keeps a picture of the page for whoever wants to look."""
    try:
        yield
    finally:
        if where := os.environ.get("IBNOTES_PICTURES"):
            page.screenshot(path=f"{where}/hub-{name}.png")


def press(page, step):
    """In Formgrader: press a step's button in the set's row, and see that it succeeded."""
    page.goto("/user/instructor/formgrader/manage_assignments")
    page.locator(f"td.{step} a").click()
    said = page.locator(".modal-dialog")
    with seen(page, step):
        said.locator(".modal-title", has_text="Success").wait_for()
    return said.inner_text()


def assignments(page):
    """The student's list of assignments."""
    page.goto("/user/ada/lab?reset")
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_role("menuitem", name="Assignment List").click()
    return page.locator("#released_assignments_list, #fetched_assignments_list, #submitted_assignments_list")


def open_file(page, *path):
    """Find it in JupyterLab's file browser."""
    for name in path:
        page.locator(".jp-DirListing-item", has_text=name).dblclick()


def answer():
    """The model answer to the problem."""
    nb = nbformat.read(HERE / "source" / SET / f"{NOTEBOOK}.ipynb", as_version=4)
    cell = next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == f"{PROBLEM}-answer")
    return re.sub(r" *### (BEGIN|END) SOLUTION\n?", "", cell.source)


def write(page, said, text):
    """Replace what stands in the cell in which something is said."""
    editor = page.locator(".jp-CodeCell", has_text=said).locator(".cm-content").first
    editor.click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(text)


def test_a_set_goes_out_comes_in_and_returns_with_its_mark(login, course):
    teacher = login("instructor")
    press(teacher, "assign")
    assert f"Released as: ibnotes {SET}" in press(teacher, "release")

    ada = login("ada")
    lists = assignments(ada)
    lists.get_by_role("button", name="Fetch").click()
    lists.get_by_role("button", name="Submit").wait_for()
    with seen(ada, "fetched"):
        open_file(ada, SET, f"{NOTEBOOK}.ipynb")
    write(ada, 'student = ""', 'student = "ada"')
    write(ada, f"def {PROBLEM}", answer())
    ada.get_by_role("menuitem", name="Run", exact=True).click()
    ada.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    with seen(ada, "worked"):  # the next problem's answer is missing, and nothing before it fails
        expect(ada.locator(".jp-OutputArea-output", has_text="Traceback")).to_contain_text("NotImplementedError")
    expect(ada.locator(".jp-mod-dirty")).not_to_have_count(0)
    ada.keyboard.press("ControlOrMeta+S")
    expect(ada.locator(".jp-mod-dirty")).to_have_count(0)
    lists = assignments(ada)
    lists.get_by_role("button", name="Submit").click()
    with seen(ada, "submitted"):
        expect(ada.locator("#submitted_assignments_list")).to_contain_text(SET)

    press(teacher, "collect")
    teacher.goto("/user/instructor/lab?reset")
    teacher.locator(".jp-LauncherCard", has_text="Terminal").click()
    teacher.locator(".jp-Terminal .xterm-screen").click()
    teacher.keyboard.type(f"cd {course} && {sys.executable} -m grading grade\n")
    with seen(teacher, "graded"):
        teacher.locator(".jp-DirListing-item", has_text="marks.csv").wait_for()
    teacher.goto(f"/user/instructor/formgrader/manage_submissions/{SET}")
    with seen(teacher, "submissions"):
        expect(teacher.locator("tr", has_text="ada")).to_contain_text("3 / 20")
    press(teacher, "release-feedback")

    lists = assignments(ada)
    lists.get_by_role("button", name="Fetch Feedback").click()
    lists.get_by_text("view feedback").click()
    open_file(ada, f"{NOTEBOOK}.html")
    page = ada.frame_locator(".jp-HTMLViewer iframe").locator("body")
    with seen(ada, "feedback"):
        expect(page).to_contain_text(re.compile(r"Score: 3\.0 / 20\.0"))


def test_a_student_has_no_formgrader_and_no_way_into_the_instructors_server(login):
    ada = login("ada")
    for server, status in (("ada", 404), ("instructor", 403)):
        assert ada.goto(f"/user/{server}/formgrader/manage_assignments").status == status
