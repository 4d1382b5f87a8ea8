"""TagPacks become a table; what contradicts itself is listed, what is broken is refused with its place."""

import os
import time
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cointrace import ChainError, confidence_ladder, read_tags

GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
HEAD = """title: Seized wallets
creator: Police of Meridia
source: https://police.meridia.example/list
currency: BTC
confidence: forensic_investigation
lastmod: 2024-02-29
label: Night Market
"""
PACK = HEAD + f"tags:\n- address: {GENESIS}\n"


@pytest.fixture(scope="module")
def tags_folder(shared_data) -> Path:
    return shared_data / "crypto" / "tags"


def listed(pack: str, kind: str) -> list[str]:
    problems = read_tags(pack.encode()).problems
    return problems.loc[problems["kind"] == kind, "problem"].tolist()


def refused(pack: str | bytes, sentence: str) -> None:
    with pytest.raises(ChainError, match=sentence) as caught:
        read_tags(pack.encode() if isinstance(pack, str) else pack)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_the_head_is_inherited_and_a_tag_overrides_it():
    pack = (
        PACK
        + "  label: Night Market, hot wallet\n- {address: 3P14159f73E4gFr7JterCCQh9QjiTjiZrG}\n"
    )
    tags = read_tags(pack.encode())
    assert tags["label"].tolist() == ["Night Market, hot wallet", "Night Market"]
    assert tags["date"].tolist() == [pd.Timestamp("2024-02-29", tz="UTC")] * 2
    assert tags["confidence"].tolist() == [70, 70]
    assert tags["confidence_word"].tolist() == ["forensic_investigation"] * 2
    assert set(tags["network"]) == set(tags["currency"]) == {"BTC"}
    assert tags["where"].tolist() == ["these bytes, line 9", "these bytes, line 11"]
    assert tags["pack"][0] == "Seized wallets"
    assert tags[["actor", "abuse", "category"]].isna().all(axis=None)


def test_the_ladder_is_that_of_graphsense(tags_folder):
    listed = pd.read_csv(tags_folder / "schema" / "confidence.csv")
    ours = confidence_ladder()
    assert ours["confidence_word"].tolist() == listed["id"].tolist()
    assert ours["confidence"].tolist() == listed["level"].tolist()
    assert ours["meaning"].is_unique


def test_all_real_packs_are_read_as_yaml_reads_them(tags_folder):
    tags = read_tags(tags_folder / "tagpacks")
    assert len(tags) == 18_603
    row = 0
    columns = {name: tags[name].tolist() for name in ("address", "label", "source", "where")}
    for file in sorted((tags_folder / "tagpacks").glob("*.yaml")):
        pack = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        for tag in pack["tags"]:
            whole = pack | tag
            for name in ("address", "label", "source"):
                assert columns[name][row] == " ".join(whole[name].split())
            assert columns["where"][row].startswith(f"{file.name}, line ")
            row += 1
    stated = tags[tags["date"].notna()]
    assert len(tags) - len(stated) == sum(
        tags["pack"].isin(["155 virtual currency assets", "Mixing Services"])
    )


def test_lines_in_the_table_are_the_lines_of_the_file(tags_folder):
    file = tags_folder / "tagpacks" / "ofac.yaml"
    lines = file.read_text().splitlines()
    for address, where in read_tags(file)[["address", "where"]].values:
        assert address in lines[int(where.rsplit(" ", 1)[1]) - 1]


def test_the_real_errors_of_real_packs_are_found(tags_folder):
    problems = read_tags(tags_folder / "tagpacks").problems
    found = {
        (row.address, row.where.split(",")[0]): row.problem
        for row in problems[problems["kind"] == "address"].itertuples()
    }
    tron = found["TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq", "ofac.yaml"]
    assert tron == "under BTC, but it has the form of TRX, not of BTC"
    slipped = found["1MFgcyJ7ZNSknbTBRaih6zWDE6V1A64tRYs", "plustoken.yaml"]
    assert slipped == "under BTC, but its checksum is wrong"
    tokens = problems[
        problems["kind"].eq("network") & problems["where"].str.startswith("ofac.yaml")
    ]
    assert len(tokens) == 9, "the number that GraphSense's own validator finds"
    unstated = problems[problems["kind"] == "confidence"]
    assert unstated["problem"].str.contains(r"treasury\.gov.*\(572 tags\)").tolist() == [True]


def test_seven_thousand_tags_are_read_in_a_moment(tags_folder):
    start = time.process_time()
    assert len(read_tags(tags_folder / "tagpacks" / "ransomwhere.yaml")) == 7_457
    assert time.process_time() - start < 10, "about 0.3 s when measured"


def test_an_unquoted_ethereum_address_keeps_its_digits():
    pack = (
        HEAD.replace("BTC", "ETH")
        + "tags:\n- address: 0x00000000219ab540356cBB839Cbe05303d7705Fa\n"
    )
    assert read_tags(pack.encode())["address"][0] == "0x00000000219ab540356cBB839Cbe05303d7705Fa"


def test_no_tags_are_an_empty_table_with_the_same_types():
    full, empty = read_tags(PACK.encode()), read_tags((HEAD + "tags: []\n").encode())
    pd.testing.assert_series_equal(full.dtypes, empty.dtypes)
    assert empty.empty and empty.problems.empty


@pytest.mark.parametrize(
    ("change", "kind", "problem"),
    [
        (
            f"- address: {GENESIS}\n  label: Day Market\n",
            "label",
            "2 different labels: 'Night Market'",
        ),
        (
            f"- {{address: {GENESIS}, lastmod: 2024-03-01}}\n",
            "date",
            "one claim has two dates: 2024-02-29",
        ),
        (f"- address: {GENESIS}\n", "repeated", "the same tag was given before"),
        ("- address: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb\n", "address", "its checksum is wrong"),
        ("- {address: TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq}\n", "address", "under BTC, but .* TRX"),
        (f"- {{address: {GENESIS}, network: ETH}}\n", "address", "under ETH, but .* BTC"),
        (
            f"- {{address: {GENESIS}, label: night market, lastmod: 2008-12-31}}\n",
            "date",
            "2008-12-31 is before the first",
        ),
        (f"- {{address: {GENESIS}, currency: USDT}}\n", "network", "USDT is a token"),
        (f"- {{address: {GENESIS}, adress: x}}\n", "field", "no TagPack has a field 'adress'"),
        (
            f"- {{address: {GENESIS}, confidence: authority_data, source: 'https://b.example'}}\n",
            "confidence",
            "authority published",
        ),
        (
            f"- {{address: {GENESIS}, confidence: unknown, source: 'https://www.justice.gov/x'}}\n",
            "confidence",
            "is unknown or not stated, but the source is https://www.justice.gov/x",
        ),
    ],
)
def test_contradictions_are_listed_and_strict_refuses_them(change, kind, problem):
    found = listed(PACK + change, kind)
    assert len(found) == 1 and pd.Series(found).str.contains(problem).all(), found
    with pytest.raises(ChainError, match="these bytes, line"):
        read_tags((PACK + change).encode(), strict=True)


def test_actors_and_categories_of_one_address_are_compared_too():
    pack = (
        PACK
        + f"  actor: a\n  category: market\n- {{address: {GENESIS}, actor: b, category: exchange}}\n"
    )
    problems = read_tags(pack.encode()).problems
    assert set(problems["kind"]) == {"actor", "category"}


def test_the_same_label_in_other_letters_is_no_contradiction():
    pack = PACK + f"- {{address: {GENESIS}, label: 'night  MARKET', source: elsewhere}}\n"
    assert read_tags(pack.encode()).problems.empty


def test_a_sound_pack_passes_strict():
    assert len(read_tags(PACK.encode(), strict=True)) == 1


@pytest.mark.parametrize(
    ("pack", "sentence"),
    [
        ("", "^these bytes: the file is empty"),
        ("# only a remark\n", "^these bytes: the file is empty"),
        ("just words", "line 1: a TagPack is a mapping of names to values, not 'just words'"),
        ("- 1\n- 2\n", "line 1: a TagPack is a mapping of names to values, not a list"),
        (HEAD, "this is not a TagPack: it has no tags; add them under `tags:`"),
        (HEAD + "tags: none\n", "line 8: tags should be a list, not 'none'"),
        (HEAD + "tags:\n- 5\n", "line 9: a tag is a mapping of names to values, not '5'"),
        (PACK.replace("title: Seized wallets\n", ""), "the pack has no title; add it at the top"),
        (
            PACK.replace("label: Night Market\n", ""),
            "line 8: the tag has no label; add it to the tag",
        ),
        (PACK.replace("currency: BTC\n", ""), "line 8: the tag has no currency"),
        (PACK.replace("label: Night Market", "label:"), "line 9: the tag has no label"),
        (HEAD + "tags:\n- {label: x}\n", "line 9: the tag names no address"),
        (PACK + "  tags: []\n", "line 9: 'tags' belongs to the head of the pack"),
        (PACK + "  label: [a, b]\n", "line 10: label should be text, not a list"),
        (PACK + "  label: 2024\n", r"line 10: label should be text, not '2024' \(int\)"),
        (PACK + "  actor: no\n", r"line 10: actor should be text, not 'no' \(bool\)"),
        (
            PACK + "  is_cluster_definer: maybe\n",
            "line 10: is_cluster_definer should be true or false",
        ),
        (PACK + "  concepts: mixing\n", "line 10: concepts should be a list of words"),
        (PACK + "  lastmod: 2023-02-29\n", "line 10: lastmod should be a date that exists"),
        (
            PACK + "  lastmod: soon\n",
            "line 10: lastmod should be a date that exists, .* not 'soon'",
        ),
        (PACK + "  lastmod: 20240101\n", r"line 10: lastmod should be a date .*\(int\)"),
        (
            PACK + "  confidence: sure\n",
            "line 10: there is no confidence called 'sure'; use one of over",
        ),
        (
            PACK + "  label: a\n  label: b\n",
            "line 11: 'label' is given twice, first at these bytes, line",
        ),
        (HEAD + "title: Again\n" + "tags: []\n", "line 8: 'title' is given twice"),
        (PACK + "---\ntitle: second\n", "line 10: a second document begins"),
        (PACK + "  label: 'open\n", "this is not YAML"),
        (PACK + "\tlabel: x\n", "line 10: this is not YAML"),
        (PACK + "  label: *nobody\n", r"line 10: \*nobody stands for nothing above"),
        (PACK + "  concepts: &c [*c]\n", r"line 10: \*c contains itself"),
        (
            PACK + "  label: !!python/name:os.system x\n",
            "mark 'tag:yaml.org,2002:python/name:os.system'",
        ),
        (PACK + "  label: !!binary aGk=\n", "line 10: the mark .* is not allowed here"),
        (PACK + "  ? [a]\n  : b\n", "line 10: a name should be plain text"),
        (PACK + "  header: !include x.yaml\n", "'x.yaml' cannot be included: bytes have no folder"),
        (PACK + "  concepts: " + "[" * 50 + "]" * 50 + "\n", "nested more than 12 deep"),
        (b"\xff\xfe\x00", "these bytes: this is not YAML"),
        (b"title: \x00", "these bytes.*: this is not YAML"),
        (b"title: \xff\xff\xff", "this is not YAML"),
    ],
)
def test_what_is_not_a_tagpack_is_refused_with_its_line(pack, sentence):
    refused(pack, sentence)


def test_a_few_bytes_cannot_stand_for_millions():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    start = time.process_time()
    refused("\n".join(lines), "aliases make the file many times larger than it is")
    refused("[" * 100_000, "nested more than 12 deep")
    assert time.process_time() - start < 5


def test_merged_fields_are_taken_and_can_be_overridden():
    pack = HEAD + f"tags:\n- &one {{address: {GENESIS}, actor: a}}\n- {{<<: *one, actor: b}}\n"
    tags = read_tags(pack.encode())
    assert tags["actor"].tolist() == ["a", "b"] and tags["address"].nunique() == 1


class TestFiles:
    def test_a_folder_is_read_with_the_headers_that_its_packs_include(self, tmp_path):
        (tmp_path / "packs" / "group").mkdir(parents=True)
        (tmp_path / "packs" / "head.yaml").write_text(HEAD)
        (tmp_path / "packs" / "actors.yaml").write_text("title: a\ncreator: b\nactors: []\n")
        body = f"header: !include head.yaml\ntags:\n- address: {GENESIS}\n"
        (tmp_path / "packs" / "group" / "one.yaml").write_text(body)
        (tmp_path / "packs" / "two.yml").write_text(PACK)
        tags = read_tags(tmp_path / "packs")
        assert tags["where"].tolist() == ["group/one.yaml, line 3", "two.yml, line 9"]
        assert set(tags["label"]) == {"Night Market"}
        assert len(read_tags([tmp_path / "packs" / "two.yml", PACK.encode()])) == 2
        alone = read_tags(str(tmp_path / "packs" / "group" / "one.yaml"))
        assert alone["pack"].tolist() == ["Seized wallets"]

    def test_files_that_include_each_other_are_refused(self, tmp_path):
        (tmp_path / "a.yaml").write_text("header: !include b.yaml\ntags: []\n")
        (tmp_path / "b.yaml").write_text("header: !include a.yaml\n")
        sentence = r"b\.yaml, line 1: files include each other \(a\.yaml -> b\.yaml -> a\.yaml\)"
        for source in (tmp_path / "a.yaml", tmp_path):
            with pytest.raises(ChainError, match=sentence):
                read_tags(source)
        (tmp_path / "b.yaml").write_text("header: !include b.yaml\n")
        with pytest.raises(ChainError, match=r"a\.yaml -> b\.yaml -> b\.yaml"):
            read_tags(tmp_path / "a.yaml")

    @pytest.mark.parametrize("name", ["/etc/hosts", "../secret.yaml", "", "a/../../b.yaml"])
    def test_a_pack_cannot_reach_for_other_files(self, tmp_path, name):
        (tmp_path / "secret.yaml").write_text(HEAD)
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.yaml").write_text(f"header: !include '{name}'\ntags: []\n")
        with pytest.raises(ChainError, match=r"a\.yaml, line 1: .* may not be included"):
            read_tags(tmp_path / "in" / "a.yaml")

    def test_a_folder_is_not_left(self, tmp_path):
        (tmp_path / "head.yaml").write_text(HEAD)
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.yaml").write_text("header: !include head.yaml\ntags: []\n")
        with pytest.raises(ChainError, match=r"the file 'head\.yaml' to include is not there"):
            read_tags(tmp_path / "in")

    def test_too_many_includes_are_refused(self, tmp_path):
        (tmp_path / "x.yaml").write_text("a\n")
        many = (
            "header: {" + ", ".join(f"f{n}: !include x.yaml" for n in range(30)) + "}\ntags: []\n"
        )
        (tmp_path / "a.yaml").write_text(many)
        with pytest.raises(ChainError, match="too many files are included"):
            read_tags(tmp_path / "a.yaml")

    def test_what_cannot_be_read_is_named(self, tmp_path):
        with pytest.raises(
            ChainError, match=r"nowhere\.yaml: the file cannot be read \(no such file"
        ):
            read_tags(tmp_path / "nowhere.yaml")
        with pytest.raises(ChainError, match="the folder holds no TagPack"):
            read_tags(tmp_path)
        with pytest.raises(ChainError, match="tags cannot be read from a int"):
            read_tags(5)
        (tmp_path / "notes.yaml").write_text("title: no pack\n")
        with pytest.raises(ChainError, match=r"^notes\.yaml: this is not a TagPack"):
            read_tags(tmp_path)

    @pytest.mark.skipif(os.name != "posix", reason="links need a POSIX system")
    def test_a_circle_through_a_link_is_a_circle(self, tmp_path):
        (tmp_path / "a.yaml").write_text("header: !include b.yaml\ntags: []\n")
        (tmp_path / "b.yaml").symlink_to(tmp_path / "a.yaml")
        with pytest.raises(ChainError, match="files include each other"):
            read_tags(tmp_path / "a.yaml")


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_pack_is_read_or_refused_and_never_fails_otherwise(data):
    raw = bytearray(PACK.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] = data.draw(st.sampled_from(b":-[]{}&*!|>'\"%@`#,?\n\t 0~\xff<="))
    try:
        read_tags(bytes(raw))
    except ChainError as error:
        assert str(error).startswith("these bytes") and "\n" not in str(error)
