"""Clusters are the partition that two other programs find, whatever the table."""

import gzip
import json

import gs_clustering
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cointrace import ChainError, clusters, kind_of, read_blocks
from cointrace.clusters import join, union_loop
from cointrace.numbering import number_runs, number_values

rows = st.lists(st.tuples(st.integers(0, 12), st.one_of(st.none(), st.integers(0, 15))))


def table(found: list[tuple[int, int | None]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "txid": pd.array([f"tx{tx}" for tx, _ in found], dtype="str"),
            "address": pd.array([a if a is None else f"a{a}" for _, a in found], dtype="str"),
        }
    )


def partition(result: pd.DataFrame) -> set[frozenset]:
    return {frozenset(group) for _, group in result.groupby("cluster")["address"]}


def with_graphsense(inputs: pd.DataFrame) -> set[frozenset]:
    known = inputs.dropna(subset="address")
    code, names = pd.factorize(known["address"])
    if not len(names):
        return set()
    engine = gs_clustering.Clustering(max_address_id=len(names))
    lists = pd.Series(code + 1).groupby(known["txid"].to_numpy()).apply(list)
    engine.process_transactions(lists.tolist())
    found = engine.get_mapping().to_pandas()
    found = found[found["address_id"] > 0]
    named = pd.DataFrame(
        {"address": names[found["address_id"] - 1], "cluster": found["cluster_id"].to_numpy()}
    )
    return partition(named)


def with_scipy(inputs: pd.DataFrame) -> set[frozenset]:
    """Components of the graph in which a transaction is joined to each of its addresses."""
    known = inputs.dropna(subset="address")
    code, names = pd.factorize(known["address"])
    tx, txids = pd.factorize(known["txid"])
    size = len(names) + len(txids)
    graph = coo_array((np.ones(len(code)), (code, tx + len(names))), shape=(size, size))
    label = connected_components(graph, directed=False)[1][: len(names)] if size else []
    return partition(pd.DataFrame({"address": names, "cluster": label}))


@settings(deadline=None)
@given(rows)
def test_any_table_gives_the_partition_of_two_other_programs(found):
    inputs = table(found)
    assert partition(clusters(inputs)) == with_graphsense(inputs) == with_scipy(inputs)


@settings(deadline=None)
@given(rows)
def test_the_loop_for_large_tables_gives_the_same_numbers(found):
    group = np.array([tx for tx, _ in found], np.int32)
    member = np.array([-1 if a is None else a for _, a in found], np.int32)
    parent, first = np.arange(16, dtype=np.int32), np.full(13, -1, np.int32)
    union_loop(group, member, first, parent)
    assert parent.tolist() == join(group, member, 13, 16, compiled=False).tolist()


def test_the_compiled_loop_gives_the_same_numbers():
    random = np.random.default_rng(7)
    group = random.integers(0, 30_000, 50_000).astype(np.int32)
    member = random.integers(-1, 40_000, 50_000).astype(np.int32)
    plain = join(group, member, 30_000, 40_000, compiled=False)
    assert plain.tolist() == join(group, member, 30_000, 40_000, compiled=True).tolist()
    assert len(set(plain.tolist())) < 40_000


@settings(deadline=None)
@given(rows)
def test_a_cluster_is_numbered_by_the_place_of_its_first_address(found):
    inputs = table(found)
    result = clusters(inputs)
    assert result["address"].tolist() == inputs["address"].dropna().unique().tolist()
    assert result.index.tolist() == list(range(len(result)))
    for number, group in result.groupby("cluster"):
        assert group.index[0] == number
        assert (group["size"] == len(group)).all()


@settings(deadline=None)
@given(rows, st.randoms())
def test_the_order_of_rows_changes_numbers_but_not_who_is_together(found, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    assert partition(clusters(table(found))) == partition(clusters(table(shuffled)))


@pytest.mark.parametrize("length", [2, 1000])
@pytest.mark.parametrize("turned", [False, True])
def test_a_long_chain_of_pairs_is_one_cluster(length, turned):
    pairs = [(n, n + offset) for n in range(length) for offset in (0, 1)]
    result = clusters(table(pairs[::-1] if turned else pairs))
    assert result["cluster"].unique().tolist() == [0]
    assert (result["size"] == length + 1).all()


def test_inputs_without_an_address_make_no_link():
    inputs = table([(1, None), (1, 5), (2, None), (2, 6), (3, None)])
    assert clusters(inputs)["size"].tolist() == [1, 1]


@pytest.mark.parametrize("dtype", ["object", "category", "str"])
def test_text_of_every_dtype_gives_the_same(dtype):
    inputs = table([(1, 1), (1, 2), (2, None), (2, 3), (3, 3), (3, 4)])
    result = clusters(inputs.astype(dtype))
    assert result["cluster"].tolist() == [0, 0, 2, 2]
    assert result["address"].tolist() == ["a1", "a2", "a3", "a4"]


def test_whole_numbers_serve_as_txids_and_addresses():
    inputs = pd.DataFrame({"txid": [2**62, 2**62, -5, -5], "address": [9, 2**61, 2**61, 7]})
    result = clusters(inputs)
    assert result["address"].tolist() == [9, 2**61, 7]
    assert result["cluster"].tolist() == [0, 0, 0]
    assert result["cluster"].dtype == result["size"].dtype == "int64"


def test_an_empty_table_gives_an_empty_table():
    result = clusters(table([]))
    assert list(result.columns) == ["address", "cluster", "size"]
    assert len(result) == 0
    assert result["cluster"].dtype == result["size"].dtype == "int64"


def test_txids_to_leave_out_can_be_named():
    inputs = table([(1, 1), (1, 2), (2, 2), (2, 3)])
    assert clusters(inputs, exclude_coinjoins=["tx1"])["cluster"].tolist() == [0, 1, 1]
    assert clusters(inputs, exclude_coinjoins={"elsewhere"})["cluster"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("inputs", "wish", "said"),
    [
        (pd.DataFrame({"address": ["a"]}), True, "no column 'txid'"),
        (pd.DataFrame({"txid": ["a"]}), True, "no column 'address'"),
        (table([(1, 1), (2, 2)]).assign(txid=["t", None]), True, "the input in row 1 has no txid"),
        (table([(1, 1)]), "tx1", "exclude_coinjoins is the text 'tx1'"),
    ],
)
def test_a_table_that_cannot_be_clustered_is_refused_in_one_sentence(inputs, wish, said):
    with pytest.raises(ChainError, match=said):
        clusters(inputs, exclude_coinjoins=wish)


def test_block_277647_has_the_published_clusters(shared_data):
    blocks = shared_data / "crypto" / "btc-blocks"
    with gzip.open(blocks / "block277647.prevouts.json.gz") as file:
        spent = {(row["txid"], row["vout"]): row["scriptpubkey"] for row in json.load(file)}
    inputs = read_blocks(blocks / "block277647.blk", "mainnet").inputs
    where = zip(inputs["spent_txid"], inputs["spent_vout"], strict=True)
    inputs = inputs.assign(address=[spent.get(outpoint) for outpoint in where])
    result = clusters(inputs)
    assert len(result) == 353
    sizes = sorted((len(group) for group in partition(result)), reverse=True)
    assert len(sizes) == 168
    assert sizes[:3] == [44, 14, 12]
    assert {kind_of(bytes.fromhex(script)) for script in result["address"]} >= {"p2pkh"}


@pytest.mark.parametrize(
    ("reference", "coinjoins"),
    [
        ("address_cluster", ["ab30109910f327700e0f199972eed8ea7c6b1920e965f9cb48a92973e7325046"]),
        ("address_cluster_with_coinjoin", []),
    ],
)
def test_the_graphsense_chain_has_its_reference_clusters(shared_data, reference, coinjoins):
    folder = shared_data / "crypto" / "utxo-graphsense"
    inputs = pd.DataFrame(
        [
            # An output that two keys lock has no one address.
            {
                "txid": tx["txHash"],
                "address": given["address"][0] if given["address"][1:] == [] else None,
            }
            for tx in map(json.loads, (folder / "test_txs.json").read_text().splitlines())
            for given in tx["inputs"]
        ]
    )
    reference = pd.read_json(folder / "reference" / f"{reference}.json", lines=True)
    ids = pd.read_json(folder / "reference" / "address_ids.json", lines=True)
    named = reference.merge(ids, on="addressId").rename(columns={"clusterId": "cluster"})
    ours = partition(clusters(inputs, exclude_coinjoins=coinjoins))
    assert {group for group in ours if len(group) > 1} == {
        group for group in partition(named) if len(group) > 1
    }


def test_neighbouring_whole_numbers_beyond_floating_point_stay_apart():
    inputs = pd.DataFrame({"txid": [2**62, 2**62 + 1], "address": [2**62 + 1, 2**62]})
    assert clusters(inputs)["size"].tolist() == [1, 1]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a" * 8, "b" * 8, "a" * 16, "b" * 16, "", "ä" * 4, "c", None])))
def test_texts_of_any_length_are_numbered_as_pandas_numbers_them(values):
    column = pd.Series(pd.array(values, dtype="str"))
    codes, distinct = pd.factorize(column)
    ours, ours_distinct = number_values(column)
    assert ours.tolist() == codes.tolist()
    assert ours_distinct.tolist() == distinct.tolist()
    column = column.dropna()
    ours, ours_distinct = number_runs(column)
    assert ours.tolist() == pd.factorize(column)[0].tolist()
    assert ours_distinct.tolist() == distinct.tolist()


@settings(deadline=None)
@given(st.lists(st.integers(-3, 40)))
def test_small_whole_numbers_are_numbered_as_pandas_numbers_them(values):
    column = pd.Series(values, dtype="int64")
    codes, distinct = pd.factorize(column)
    for number in (number_values, number_runs):
        ours, ours_distinct = number(column)
        assert ours.tolist() == codes.tolist()
        assert ours_distinct.tolist() == distinct.tolist()
