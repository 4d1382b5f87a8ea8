"""A trainee logs in and tries: what may be seen is there, what may not be seen is not."""

import json
from pathlib import Path

import pytest
from hub_driver import HOUSE, Person, RunningHub

pytestmark = pytest.mark.slow

CANARIES = {
    "homes/bruno/notes.txt": "BRUNO WROTE THIS",
    "exchange/of/bruno/crossborder/inbound/bruno+crypto-1+then+x/crypto-1.ipynb": "BRUNO HANDED THIS IN",
    "exchange/of/bruno/crossborder/feedback/abc.html": "BRUNO GOT THIS BACK",
    "course/source/canary.txt": "THE SOLUTION",
}
LOOK_EVERYWHERE = """
import os
wanted = %r
for folder, folders, names in os.walk("/"):
    folders[:] = [f for f in folders if os.path.join(folder, f) not in ("/proc", "/sys", "/usr")]
    for name in names if ".venv" not in folder else ():
        path = os.path.join(folder, name)
        if name in ("gradebook.db", "jupyterhub.sqlite", "secret.key", "cookie_secret"):
            print("FOUND", path)
        if name.endswith((".ipynb", ".txt", ".html", ".csv", ".json", ".py")):
            try:
                text = open(path, errors="replace").read()
            except OSError:
                continue
            for words in wanted:
                if words in text:
                    print("READ", words, "IN", path)
"""


@pytest.fixture(scope="module", autouse=True)
def secrets(hub: RunningHub) -> None:
    for place, words in CANARIES.items():
        path = hub.class_folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words)


@pytest.fixture(scope="module")
def bruno(hub: RunningHub) -> Person:
    return Person(hub, "bruno").start_server()


def test_a_wrong_password_is_refused(hub: RunningHub) -> None:
    answer = Person(hub, "ada").log_in("bavo-lemi-tiru-sano")
    assert answer.status_code == 403
    assert "Invalid username or password" in answer.text


def test_somebody_who_is_not_in_the_class_is_refused(hub: RunningHub) -> None:
    assert Person(hub, "root").log_in("bavo-lemi-tiru-sano").status_code == 403


def test_a_trainee_works_in_a_home_of_their_own(ada: Person, hub: RunningHub) -> None:
    said = ada.run(
        "import os, getpass; print(os.getcwd(), getpass.getuser()); open('mine', 'w').write('x')"
    )
    assert said.split()[:2] == ["/class/ada", "ada"]
    assert (hub.class_folder / "homes" / "ada" / "mine").read_text() == "x"


def test_a_trainee_opens_the_case_that_is_theirs(ada: Person, bruno: Person) -> None:
    code = (
        "import casework; c = casework.open_case('crypto-1'); print(c.number, len(c.chain().txs))"
    )
    number, transactions = map(int, ada.run(code).split()[-2:])
    assert transactions > 100
    cases = json.loads(ada.run("import os; print(os.environ['CASEWORK_CASES'])"))
    assert cases["crypto-1"] == number


def test_a_trainee_finds_the_released_assignment(ada: Person) -> None:
    released = ada.call("GET", "assignments?course_id=crossborder").json()
    told = sorted((each["assignment_id"], each["status"]) for each in released["value"])
    exercises = sorted(path.parent.name for path in HOUSE.glob("exercises/*/questions.yml"))
    assert told == [(name, "released") for name in exercises]


def test_a_trainee_finds_nothing_of_others_nor_of_the_instructor(ada: Person) -> None:
    owners = (HOUSE / "data" / "public" / "truth" / "owners.csv").read_text().splitlines()[:2]
    said = ada.run(LOOK_EVERYWHERE % [*CANARIES.values(), "\n".join(owners), "BEGIN HIDDEN TESTS"])
    found = [line for line in said.splitlines() if line.startswith(("FOUND", "READ"))]
    assert found == []
    assert "Traceback" not in said


def test_the_search_for_secrets_would_find_them(instructor: Person) -> None:
    said = instructor.run(LOOK_EVERYWHERE % list(CANARIES.values()))
    assert "THE SOLUTION IN /class/instructor/crossborder" in said
    assert "BRUNO HANDED THIS IN" in said
    assert "FOUND /srv/secret.key" in said
    assert "BRUNO WROTE THIS" not in said  # homes are nobody's business


@pytest.mark.parametrize(
    "path",
    ["world", "autograder", "hub", "exercises", "tests", "data/public/truth", ".git", "_run"],
)
def test_a_trainee_has_no_such_folder(ada: Person, path: str) -> None:
    assert ada.run(f"import os; print(os.path.exists({str(HOUSE / path)!r}))").strip() == "False"


@pytest.mark.parametrize("module", ["world", "autograder", "hub"])
def test_a_trainee_cannot_import_it(ada: Person, module: str) -> None:
    assert "ModuleNotFoundError" in ada.run(f"import {module}")


def test_a_trainees_environment_holds_no_secret_of_the_class(ada: Person, hub: RunningHub) -> None:
    said = ada.run("import os; print(dict(os.environ), open('/proc/1/environ').read())")
    assert "CASEWORK_TEST_SECRET" not in said
    assert (hub.class_folder / "secret.key").read_text().strip() not in said
    assert not any(password in said for password in hub.passwords.values())
    assert "CONFIGPROXY_AUTH_TOKEN" not in said


def test_a_trainee_sees_and_ends_only_their_own_processes(
    ada: Person, bruno: Person, hub: RunningHub
) -> None:
    said = ada.run(
        "import os\n"
        "for p in filter(str.isdigit, os.listdir('/proc')):\n"
        "    try: print(open(f'/proc/{p}/cmdline').read().replace(chr(0), ' '))\n"
        "    except OSError: pass\n"
    )
    assert "jupyterhub.singleuser" in said
    assert "configurable" not in said and "hub.proxy" not in said and "bruno" not in said
    outside = hub.process.pid
    assert "ProcessLookupError" in ada.run(f"import os; os.kill({outside}, 9)")
    assert hub.process.poll() is None


def test_a_trainee_has_no_network(ada: Person, bruno: Person, hub: RunningHub) -> None:
    connect = "import socket; socket.create_connection(({!r}, {}), timeout=5)"
    assert "OSError" in ada.run(connect.format("192.0.2.1", 80))
    assert "ConnectionRefusedError" in ada.run(connect.format("127.0.0.1", hub.port))


def test_a_trainee_cannot_write_where_all_read(ada: Person) -> None:
    for place in ("/srv/world/x", "/srv/exchange/crossborder/outbound/x", "/usr/x", "/x"):
        assert "Read-only file system" in ada.run(f"open({place!r}, 'w')"), place
    import casework

    path = str(Path(casework.__file__))
    assert "Read-only file system" in ada.run(f"open({path!r}, 'a')")


def test_a_trainee_has_no_formgrader(ada: Person) -> None:
    assert ada.call("GET", "formgrader").status_code == 404


def test_a_trainee_may_not_enter_a_neighbours_server(ada: Person, bruno: Person) -> None:
    answer = ada.web.get(f"{ada.hub.url}/user/bruno/api/contents", allow_redirects=True)
    assert answer.status_code in (403, 404)
    assert "notes.txt" not in answer.text


def test_one_process_cannot_take_all_the_memory(ada: Person) -> None:
    assert "MemoryError" in ada.run("x = bytearray(6 * 2**30)")


def test_no_file_grows_without_end(ada: Person) -> None:
    said = ada.run(
        "import os; f = os.open('/class/ada/big', os.O_CREAT | os.O_WRONLY); os.truncate(f, 2**31)"
    )
    assert "File too large" in said


def test_the_instructor_sees_the_course_and_its_formgrader(instructor: Person) -> None:
    assert "crypto-1" in instructor.run("import os; print(os.listdir('crossborder/source'))")
    assert instructor.call("GET", "formgrader").status_code == 200
