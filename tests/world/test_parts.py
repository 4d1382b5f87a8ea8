"""The small parts, each against whoever defines it."""

import hashlib

import pytest
from embit import bip32, bip39, script
from embit.networks import NETWORKS
from hypothesis import given
from hypothesis import strategies as st

from world import names as syllables
from world.blocks import GENESIS_HASH, genesis, merkle_root, mine, subsidy
from world.errors import WorldError
from world.keys import Keyring, child, master, public_key, tweaked
from world.law import TREATIES, states_csv
from world.names import Names
from world.plan import Joint
from world.scripts import INPUT_WEIGHT, MULTISIG, P2PK, P2TR, P2WPKH, height_push, make_lock
from world.seed import Stream
from world.selection import PICKERS, Coin
from world.signing import Signed, sign
from world.story import draw_plan
from world.wallets import PROGRAMS, Wallet

# Members of the United Nations and observer States whose short English names are one word
# (un.org/about-us/member-states, read in November 2026).
REAL = """Afghanistan Albania Algeria Andorra Angola Argentina Armenia Australia Austria Azerbaijan
Bahamas Bahrain Bangladesh Barbados Belarus Belgium Belize Benin Bhutan Bolivia Botswana Brazil
Bulgaria Burundi Cambodia Cameroon Canada Chad Chile China Colombia Comoros Congo Croatia Cuba
Cyprus Czechia Denmark Djibouti Dominica Ecuador Egypt Eritrea Estonia Eswatini Ethiopia Fiji
Finland France Gabon Gambia Georgia Germany Ghana Greece Grenada Guatemala Guinea Guyana Haiti
Honduras Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Jamaica Japan Jordan
Kazakhstan Kenya Kiribati Kuwait Kyrgyzstan Laos Latvia Lebanon Lesotho Liberia Libya Liechtenstein
Lithuania Luxembourg Madagascar Malawi Malaysia Maldives Mali Malta Mauritania Mauritius Mexico
Micronesia Moldova Monaco Mongolia Montenegro Morocco Mozambique Myanmar Namibia Nauru Nepal
Netherlands Nicaragua Niger Nigeria Norway Oman Pakistan Palau Palestine Panama Paraguay Peru
Philippines Poland Portugal Qatar Romania Russia Rwanda Samoa Senegal Serbia Seychelles Singapore
Slovakia Slovenia Somalia Spain Sudan Suriname Sweden Switzerland Syria Tajikistan Tanzania Thailand
Togo Tonga Tunisia Türkiye Turkmenistan Tuvalu Uganda Ukraine Uruguay Uzbekistan Vanuatu Venezuela
Vietnam Yemen Zambia Zimbabwe"""


def test_the_stream_is_sha256_in_counter_mode():
    """First draw worked out by hand: SHA-256(SHA-256("sea" 1F "names") + counter 0), 8 bytes."""
    key = hashlib.sha256(b"sea\x1fnames").digest()
    word = int.from_bytes(hashlib.sha256(key + bytes(8)).digest()[:8], "big")
    assert Stream("sea", "names").below(1_000) == word * 1_000 >> 64


def test_streams_of_different_paths_differ_and_equal_ones_agree():
    def draws(*path):
        stream = Stream("sea", *path)
        return [stream.below(1_000_000) for _ in range(20)]

    assert draws("a", "b") == draws("a", "b")
    assert draws("a", "b") != draws("ab")


@given(st.lists(st.integers(), max_size=30))
def test_shuffling_keeps_every_item(items):
    assert sorted(Stream("sea").shuffled(items)) == sorted(items)


@given(st.integers(-50, 50), st.integers(0, 100))
def test_between_stays_between(low, span):
    stream = Stream("sea", low, span)
    assert all(low <= stream.between(low, low + span) <= low + span for _ in range(20))


def test_no_state_of_any_world_is_a_real_one():
    possible = {start + end for start in syllables._STATE_STARTS for end in syllables._STATE_ENDS}
    assert not {each.casefold() for each in possible} & {each.casefold() for each in REAL.split()}


def test_no_name_is_drawn_twice_and_running_out_is_told():
    names = Names("sea")
    drawn = [names.state() for _ in range(2_000)]
    assert len(set(drawn)) == 2_000
    assert len(min(drawn[:40], key=len)) < len(min(drawn[-40:], key=len)), "short names go first"
    with pytest.raises(WorldError, match="add syllables"):
        for _ in range(1_000):
            names.state()


def test_each_treaty_has_a_member_and_an_outsider():
    rows = [row.split(",") for row in states_csv("sea", ["A", "B", "C"]).decode().splitlines()]
    assert rows[0] == ["state", "name", *TREATIES]
    for column in range(2, len(rows[0])):
        assert {row[column] for row in rows[1:]} == {"yes", "no"}


def test_keys_derive_as_bip32_and_bip84_say():
    """Against embit's own HDKey, and the test vector of BIP 84 (mnemonic of eleven "abandon")."""
    seed = bip39.mnemonic_to_seed("abandon " * 11 + "about")
    node = master(seed)
    theirs = bip32.HDKey.from_seed(seed)
    for index in (84 + (1 << 31), 1 << 31, 1 << 31, 0, 0):
        node = child(node, index)
        theirs = theirs.child(index)
    assert node == (theirs.secret, theirs.chain_code)
    assert public_key(node[0]).hex() == (
        "0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c"
    )


def test_a_taproot_key_is_tweaked_as_bip86_says():
    """First receiving address of the test vectors of BIP 86."""
    node = master(bip39.mnemonic_to_seed("abandon " * 11 + "about"))
    for index in (86 + (1 << 31), 1 << 31, 1 << 31, 0, 0):
        node = child(node, index)
    assert public_key(tweaked(node[0]))[1:].hex() == (
        "a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c"
    )


def test_multisig_keys_are_sorted_and_two_of_three_sign():
    lock = Keyring(bytes(64)).lock(MULTISIG, 0, 0)
    assert list(lock.keys) == sorted(lock.keys)
    assert script.Script(lock.program).data[0] == 0x52
    assert lock.program[-2:] == b"\x53\xae"
    assert [public_key(secret) for secret in lock.secrets] == list(lock.keys)


def test_a_lookalike_begins_like_the_original_and_is_another_address():
    original = Keyring(bytes(64)).lock(P2WPKH, 0, 0)
    other = Keyring(b"\x01" * 64).lookalike(original)
    assert other.address[: len("bcrt1q") + 3] == original.address[: len("bcrt1q") + 3]
    assert other.address != original.address
    assert public_key(other.secrets[0]) == other.keys[0]


@pytest.mark.parametrize(
    ("height", "pushed"), [(1, "51"), (16, "60"), (17, "0111"), (127, "017f"), (128, "028000")]
)
def test_the_height_is_pushed_as_bip34_says(height, pushed):
    assert height_push(height).hex() == pushed


@pytest.mark.parametrize(
    ("height", "bitcoin"), [(1, 50), (149, 50), (150, 25), (299, 25), (300, 12.5), (540, 6.25)]
)
def test_the_reward_halves_every_150_blocks(height, bitcoin):
    assert subsidy(height) == bitcoin * 100_000_000


def test_the_genesis_block_is_the_one_of_regtest():
    assert genesis().hash.hex() == GENESIS_HASH


def test_the_merkle_root_of_one_leaf_is_the_leaf():
    assert merkle_root([b"\x07" * 32]) == b"\x07" * 32


def test_a_block_that_is_too_heavy_is_refused():
    heavy = Signed(b"", bytes(32), bytes(32), 4_000_000)
    with pytest.raises(WorldError, match="more than 4000000; plan fewer payments"):
        mine(1, bytes(32), 0, [heavy])


def coin(value, number=0):
    lock = make_lock(P2PK, (b"\x01" * 32,), (public_key(b"\x01" * 32),))
    return Coin(number.to_bytes(32, "big"), 0, value, lock, 1)


@pytest.mark.parametrize("picker", PICKERS)
@given(
    values=st.lists(st.integers(1_000, 100_000), min_size=1, max_size=12),
    target=st.integers(1, 400_000),
)
def test_a_wallet_picks_enough_whenever_it_has_enough(picker, values, target):
    coins = [coin(value, number) for number, value in enumerate(values)]
    rate = 2
    picked = PICKERS[picker](coins, target, rate, 100, Stream("sea"))
    worth = sum(max(each.worth(rate), 0) for each in coins)
    if worth >= target:
        assert sum(each.worth(rate) for each in picked) >= target
        assert len({each.txid for each in picked}) == len(picked)
    else:
        assert picked == []


def test_branch_and_bound_finds_the_coins_that_need_no_change():
    fee = (INPUT_WEIGHT[P2PK] + 3) // 4
    coins = [coin(value + fee, number) for number, value in enumerate((700, 500, 300, 50))]
    picked = PICKERS["branch and bound"](coins, 800, 1, 0, Stream("sea"))
    assert sorted(each.worth(1) for each in picked) == [300, 500]


def test_oldest_and_largest_first_do_what_they_say():
    coins = [coin(value, number) for number, value in enumerate((20_000, 90_000, 50_000))]
    oldest = PICKERS["oldest first"](coins, 10_000, 1, 0, Stream("sea"))
    largest = PICKERS["largest first"](coins, 10_000, 1, 0, Stream("sea"))
    assert [each.value for each in oldest] == [20_000]
    assert [each.value for each in largest] == [90_000]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_wallet_pays_the_fee_rate_it_means_to(name):
    """Signed size times rate, and little more: wallets reckon with the longest signature."""
    wallet = Wallet("w", "w", name, "sea")
    for number in range(3):
        lock = wallet.kept("public") if wallet.program.one_address else wallet.fresh()
        wallet.receive(Coin(bytes([number]) * 32, 0, 60_000, lock, 1))
    target = Keyring(bytes(64)).lock(P2TR, 0, 0)
    draft = wallet.pay([(100_000, target.script, target)], 50, 5)
    signed = sign(draft)
    assert 5 * signed.weight <= 4 * draft.fee <= 5 * (signed.weight + 40)
    kept = wallet.kept("public") if wallet.program.one_address else None
    change = draft.outputs[draft.changes[0]][2]
    assert change.kind == wallet.program.changes
    assert kept is None or change == kept


def test_a_coinbase_is_not_spent_before_it_is_ripe():
    wallet = Wallet("w", "w", "Lantern", "sea")
    wallet.receive(Coin(bytes(32), 0, 100_000, wallet.fresh(), 10, coinbase=True))
    target = wallet.fresh()
    payment = [(50_000, target.script, target)]
    assert wallet.pay(payment, 109, 1) is None
    assert wallet.pay(payment, 110, 1) is not None


def test_spending_a_coin_twice_is_a_fault_that_names_the_wallet():
    wallet = Wallet("w", "w", "Lantern", "sea")
    once = Coin(bytes(32), 0, 100_000, wallet.fresh(), 1)
    wallet.receive(once)
    wallet.spend(once)
    with pytest.raises(WorldError, match="wallet w spends a coin twice"):
        wallet.spend(once)


def test_addresses_are_those_of_regtest():
    kinds = {"p2pkh": "mn", "p2sh-p2wpkh": "2", "p2wpkh": "b", "p2wsh": "b", "p2tr": "b"}
    ring = Keyring(bytes(64))
    for kind, starts in kinds.items():
        lock = ring.lock(kind, 0, 0)
        assert lock.address[0] in starts
        assert script.address_to_scriptpubkey(lock.address).data == lock.script
    assert NETWORKS["regtest"]["bech32"] == "bcrt"


def test_the_plan_is_readable_before_a_byte_is_made():
    plan = draw_plan("sea")
    assert len(plan.payments) == len(plan.times) == len(plan.miners) == 541
    wallets = {wallet.name for wallet in plan.wallets}
    for day in plan.payments:
        for payment in day:
            if isinstance(payment, Joint):
                assert {
                    name for part in payment.parts for name in (part.wallet, part.to)
                } <= wallets
            else:
                assert payment.payer in wallets
                assert {payee.wallet for payee in payment.payees} <= wallets
    kinds = {entity.kind for entity in plan.entities}
    assert {"exchange", "merchant", "employer", "household", "gambling site"} <= kinds
    assert {"collection", "collector", "ransomware crew", "informant", "miner"} <= kinds
