"""Does the truth fit the chain, and does it stay apart from it?"""

from collections import defaultdict
from dataclasses import replace

import cointrace
from world.joint import KINDS

HALVING = 150


def test_no_wallet_makes_a_worthless_output(chain):
    for tx in chain.transactions:
        for output in tx.embit.vout:
            assert output.value >= 294 or output.script_pubkey.data[:1] == b"\x6a"


def test_coins_are_neither_lost_nor_made_beyond_the_reward(chain, outputs):
    for height, block in enumerate(chain.blocks[1:], start=1):
        fees = 0
        for tx in block[1:]:
            paid = sum(outputs[each][0] for each in tx.spends())
            given = sum(output.value for output in tx.embit.vout)
            assert paid > given, f"{tx.txid} pays no fee"
            fees += paid - given
        reward = sum(output.value for output in block[0].embit.vout)
        assert reward == (5_000_000_000 >> (height // HALVING)) + fees


def test_every_address_has_one_owner_who_is_an_entity(outputs, truth):
    owners = {row["address"]: row["entity"] for row in truth("owners")}
    assert len(owners) == len(truth("owners"))
    assert {address for _, address, _ in outputs.values() if address} <= set(owners)
    assert set(owners.values()) <= {row["entity"] for row in truth("entities")}


def test_outputs_without_an_address_are_owned_by_their_public_key(chain, truth):
    owners = {row["address"]: row["entity"] for row in truth("owners")}
    keys = [
        output.script_pubkey.data[1:-1].hex()
        for block in chain.blocks[1:]
        for tx in block
        for output in tx.embit.vout
        if len(output.script_pubkey.data) == 35 and output.script_pubkey.data[-1] == 0xAC
    ]
    assert keys
    assert {owners[key] for key in keys} == {"miner-01"}


def test_every_transaction_is_told_once_and_in_order(chain, truth):
    told = [(row["txid"], int(row["height"])) for row in truth("transactions")]
    assert told == [(tx.txid, tx.height) for block in chain.blocks[1:] for tx in block]


def test_whoever_pays_owns_every_coin_spent_and_the_change(chain, outputs, truth):
    owners = {row["address"]: row["entity"] for row in truth("owners")}
    payers = {row["txid"]: row["payer"] for row in truth("transactions")}
    for block in chain.blocks[1:]:
        assert payers[block[0].txid] == "", "a coinbase has no payer"
        for tx in block[1:]:
            from_ = {outputs[each][1] for each in tx.spends()} - {None}
            # A P2PK coin has no address here; only miners have such coins, and they pay alone.
            told = {owners[address] for address in from_} or {payers[tx.txid]}
            assert told == set(payers[tx.txid].split(";"))
    change = [(row["txid"], int(row["vout"])) for row in truth("change")]
    assert len(set(change)) == len(change)
    for each in change:
        assert owners[outputs[each][1]] in payers[each[0]].split(";")


def test_only_joint_transactions_have_several_owners(truth):
    for row in truth("transactions"):
        joint = row["kind"] in KINDS
        assert (";" in row["payer"]) == joint, row
        assert (row["purpose"] == "coinbase") == (row["kind"] == "coinbase")


def test_every_round_is_found_on_the_chain_and_nothing_else_is_taken_for_one(public, truth):
    chain = cointrace.read_blocks(public / "world" / "chain", network="regtest")
    found = cointrace.coinjoins(chain).set_index("txid")["kind"].to_dict()
    shown = {*cointrace.COINJOIN_KINDS} - {"other"}
    told = {row["txid"]: row["kind"] for row in truth("transactions") if row["kind"] in shown}
    assert set(told.values()) == shown
    assert found == told


def test_without_rounds_no_two_wallets_merge_but_by_payjoin(public, truth):
    """A PayJoin cannot be seen; so it is the one thing that still joins strangers."""
    chain = cointrace.read_blocks(public / "world" / "chain", network="regtest")
    payjoins = {row["txid"] for row in truth("transactions") if row["kind"] == "payjoin"}
    seen = replace(
        chain,
        txs=chain.txs[~chain.txs.txid.isin(payjoins)],
        inputs=chain.inputs[~chain.inputs.txid.isin(payjoins)],
        outputs=chain.outputs[~chain.outputs.txid.isin(payjoins)],
    )
    owners = {row["address"]: row["entity"] for row in truth("owners")}
    table = cointrace.clusters(seen)
    table["owner"] = table["address"].map(owners)
    assert table.groupby("cluster")["owner"].nunique().max() == 1
    merged = cointrace.clusters(seen, exclude_coinjoins=False)
    merged["owner"] = merged["address"].map(owners)
    assert merged.groupby("cluster")["owner"].nunique().max() > 10, (
        "one CoinJoin collapses clusters"
    )


def test_most_payments_have_change_some_have_none_and_none_has_two(chain, truth):
    joint = {row["txid"] for row in truth("transactions") if row["kind"] in KINDS}
    counted = defaultdict(int)
    for row in truth("change"):
        if row["txid"] not in joint:
            counted[row["txid"]] += 1
    assert set(counted.values()) == {1}
    spending = sum(len(block) - 1 for block in chain.blocks)
    assert 0.8 * spending < len(counted) < spending


def test_change_stands_first_last_and_in_between(chain, truth):
    sizes = {tx.txid: len(tx.embit.vout) for tx in chain.transactions}
    places = [(int(row["vout"]), sizes[row["txid"]]) for row in truth("change")]
    assert any(vout == 0 for vout, size in places if size > 2)
    assert any(vout == size - 1 for vout, size in places if size > 2)
    assert any(0 < vout < size - 1 for vout, size in places)


def test_some_wallets_hide_their_change_in_another_kind_of_script_and_some_reuse_an_address(
    chain, outputs, truth
):
    change = [(row["txid"], int(row["vout"])) for row in truth("change")]
    spends = {
        tx.txid: {outputs[each][1] for each in tx.spends()}
        for tx in chain.transactions[1:]
        if tx.embit.vin[0].vout != 0xFFFFFFFF
    }
    reused = [each for each in change if outputs[each][1] in spends[each[0]]]
    other_kind = [
        each
        for each in change
        if all(address and address[0] != outputs[each][1][0] for address in spends[each[0]])
    ]
    assert len(reused) > 100
    assert len(other_kind) > 100


def test_no_truth_lies_where_an_investigator_may_look(public):
    names = {
        file.relative_to(public / "world").as_posix()
        for file in (public / "world").rglob("*")
        if file.is_file()
    }
    assert names == {
        "world.json",
        "chain/blk00000.dat",
        "law/states.csv",
        *(
            f"cases/{name}/{number:02d}.json"
            for name in ("crypto-1", "crypto-2")
            for number in range(12)
        ),
    }


def test_no_entity_and_no_answer_is_named_in_what_an_investigator_sees(public, truth):
    entities = [row["entity"] for row in truth("entities")]
    for file in (public / "world").rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not [each for each in entities if each.encode() in content], file
