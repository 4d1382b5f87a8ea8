"""Same seed, same bytes; another seed, another world; damage is told in one sentence."""

import dataclasses
import hashlib
import json
import shutil
import subprocess
import sys

import pytest

from world import PUBLIC_SEED, WorldError, build, check, make_files
from world.__main__ import main
from world.files import generator_digest, write
from world.ledger import play
from world.sizes import Size
from world.story import draw_plan

SHORT = """
import dataclasses, hashlib, sys
if sys.argv[1] == "pure":
    sys.modules["embit.util.ctypes_secp256k1"] = None  # as if no library were there
from embit.misc import secp256k1
from world.blocks import framed
from world.ledger import play
from world.sizes import Size
from world.story import draw_plan
# Without the search for look-alike addresses, which takes pure Python long.
plan = dataclasses.replace(draw_plan("both paths", Size("short", 1, 125)), imitations=())
print(secp256k1.ecdsa_sign.__module__, hashlib.sha256(framed(play(plan).blocks)).hexdigest())
"""


@pytest.fixture(scope="module")
def rebuilt():
    return make_files(PUBLIC_SEED)


def test_the_public_world_is_rebuilt_byte_for_byte(public, rebuilt):
    there = {
        file.relative_to(public).as_posix()
        for folder in ("world", "truth")
        for file in (public / folder).rglob("*")
        if file.is_file()
    }
    assert there == set(rebuilt)
    for path, content in rebuilt.items():
        assert (public / path).read_bytes() == content, f"{path}: run `python -m world build`"


def test_the_record_of_the_public_world_names_these_sources(public):
    record = json.loads((public / "build.json").read_text())
    assert record["seed"] == PUBLIC_SEED
    assert record["generator"] == generator_digest(), "run `python -m world build` and commit data/"


def test_the_public_world_fits_into_git(public):
    assert sum(file.stat().st_size for file in public.rglob("*") if file.is_file()) < 12_000_000


def short(seed):
    return play(dataclasses.replace(draw_plan(seed, Size("short", 1, 120)), imitations=()))


def test_another_seed_shares_no_block_no_transaction_no_address_and_hardly_a_name():
    one, two = short("one"), short("two")
    assert not {b.hash for b in one.blocks[1:]} & {b.hash for b in two.blocks[1:]}

    def of(ledger, pick):
        return {each for block in ledger.records for record in block for each in pick(record)}

    assert not of(one, lambda record: [record.txid]) & of(two, lambda record: [record.txid])

    def addresses(record):
        return [output.address for output in record.outputs if output.address]

    assert not of(one, addresses) & of(two, addresses)
    assert one.plan.times[1:] != two.plan.times[1:]
    names = [{entity.name for entity in each.plan.entities} for each in (one, two)]
    assert len(names[0] & names[1]) < len(names[0]) / 10


def test_both_paths_of_embit_sign_the_same_bytes():
    """libsecp256k1 or pure Python: RFC 6979 and BIP 340 leave no room for chance."""
    told = {}
    for path in ("native", "pure"):
        done = subprocess.run(
            [sys.executable, "-c", SHORT, path], capture_output=True, text=True, check=True
        )
        module, digest = done.stdout.split()
        told[module] = digest
    assert set(told) == {"embit.util.ctypes_secp256k1", "embit.util.py_secp256k1"}
    assert len(set(told.values())) == 1


@pytest.mark.slow
def test_a_class_world_does_not_tell_its_seed_to_trainees():
    made = make_files("a secret seed for one class")
    assert json.loads(made["world/world.json"])["seed"] == "private"
    for path, content in made.items():
        if path.startswith("world/"):
            assert b"a secret seed" not in content, path


@pytest.mark.parametrize("seed", ["", "two\nlines", "\udcff"])
def test_a_seed_that_cannot_be_written_down_is_refused(seed, tmp_path):
    with pytest.raises(WorldError, match="at least one printable character"):
        build(seed, tmp_path)


@pytest.fixture
def copy(public, tmp_path):
    return shutil.copytree(public, tmp_path / "copy")


def test_a_whole_world_checks_out(copy, capsys):
    assert main(["check", str(copy)]) == 0
    assert "is whole" in capsys.readouterr().out


def test_a_trainees_half_of_a_world_can_be_checked_alone(copy):
    assert check(copy / "world") == (26, [])


def test_a_flipped_bit_a_missing_file_and_a_stray_are_each_told_in_one_line(copy, capsys):
    blocks = copy / "world/chain/blk00000.dat"
    data = bytearray(blocks.read_bytes())
    data[1_000] ^= 1
    blocks.write_bytes(data)
    (copy / "truth/change.csv").unlink()
    (copy / "world/truth.csv").write_text("who did it\n")
    assert main(["check", str(copy)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.removeprefix(f"world: {copy}: ") for line in lines] == [
        "truth/change.csv is missing; build the world again",
        "world/chain/blk00000.dat was changed after the world was built; build it again",
        "world/truth.csv does not belong to this world; take it away",
    ]


@pytest.mark.parametrize("content", ["", "[]", '{"files": 3}', '{"files": [1]}', "{}"])
def test_an_unreadable_listing_is_told_in_one_line(content, tmp_path, capsys):
    (tmp_path / "world.json").write_text(content)
    assert main(["check", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"world: {tmp_path / 'world.json'} cannot be read; build the world again\n"
    )


def test_a_folder_without_a_world_is_told_in_one_line(tmp_path, capsys):
    assert main(["check", str(tmp_path / "nowhere")]) == 1
    assert "holds neither build.json nor world.json" in capsys.readouterr().err


@pytest.mark.slow
def test_building_again_does_nothing_until_a_file_changes(copy, capsys):
    assert main(["build", "--out", str(copy)]) == 0
    assert "nothing to do" in capsys.readouterr().out
    (copy / "truth/change.csv").write_text("txid,vout\n")
    assert main(["build", "--out", str(copy)]) == 0
    assert "is built" in capsys.readouterr().out
    assert check(copy)[1] == []


def test_a_new_build_takes_away_only_what_an_older_build_left(tmp_path):
    write(tmp_path, {"world/a.csv": b"1", "world/old.csv": b"2"}, "sea")
    (tmp_path / "world/mine.txt").write_text("a note of the instructor")
    write(tmp_path, {"world/a.csv": b"3"}, "sea")
    names = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.*")}
    assert names == {"build.json", "world/a.csv", "world/mine.txt"}
    assert (tmp_path / "world/a.csv").read_bytes() == b"3"


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path, capsys):
    precious = tmp_path / "world" / "precious.py"
    precious.parent.mkdir()
    precious.write_text("print('mine')\n")
    assert main(["build", "--out", str(tmp_path)]) == 1
    assert "did not build; name an empty folder" in capsys.readouterr().err
    assert list(tmp_path.rglob("*.py")) == [precious]


def test_a_record_that_names_files_outside_removes_nothing(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "out/build.json").write_text('{"files": {"world/../../precious": ""}}')
    with pytest.raises(WorldError, match="names files outside of it"):
        build(PUBLIC_SEED, tmp_path / "out")
    assert (tmp_path / "precious").exists()


@pytest.mark.slow
def test_an_interrupted_build_is_never_taken_for_a_finished_one(tmp_path):
    def pull_the_plug(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(PUBLIC_SEED, tmp_path, pull_the_plug)
    assert build(PUBLIC_SEED, tmp_path)
    assert not build(PUBLIC_SEED, tmp_path)


@pytest.mark.slow
def test_an_own_seed_needs_a_place_and_a_short_one_a_warning(tmp_path, capsys):
    assert main(["build", "--seed", "ours"]) == 1
    assert "add --out DIR" in capsys.readouterr().err
    assert main(["build", "--seed", "ours", "--out", str(tmp_path)]) == 0
    assert "can be guessed" in capsys.readouterr().err


def test_a_place_that_is_a_file_is_told_in_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["build", "--out", str(tmp_path / "file")]) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.endswith("name another folder")


def test_the_hash_of_the_chain_in_world_json_is_that_of_the_file(public):
    listed = json.loads((public / "world/world.json").read_text())
    data = (public / "world/chain/blk00000.dat").read_bytes()
    assert listed["files"]["chain/blk00000.dat"] == hashlib.sha256(data).hexdigest()
    assert listed["seed"] == PUBLIC_SEED
