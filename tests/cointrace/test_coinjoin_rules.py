"""Each rule draws the line where the protocol draws it: hand-made transactions on both sides."""

import pytest

from cointrace.coinjoins import CONFIDENCE, MEASURED
from cointrace.coinjoins.accounts import explained_changes
from cointrace.coinjoins.denominations import STANDARD
from cointrace.coinjoins.rules import (
    RULES,
    btc,
    joinmarket,
    wasabi1,
    wasabi2,
    whirlpool,
    whirlpool_tx0,
)
from cointrace.coinjoins.shapes import Shape

POOL = 1_000_000


def shape(given, taken, *, keys=None, scripts=None, kind="p2wpkh", notes=()) -> Shape:
    return Shape(
        txid="t",
        time=None,
        in_values=tuple(given),
        in_owners=tuple(keys or (f"k{n}" for n in range(len(given)))),
        in_kinds=(kind,) * len(given),
        out_values=tuple(taken),
        out_owners=tuple(scripts or (f"s{n}" for n in range(len(taken)))),
        out_kinds=(kind,) * len(taken),
        notes=tuple(notes),
    )


def kind_by(rule, *given, **more) -> str | None:
    match = rule(shape(*given, **more))
    return match and match.kind


FRESH = POOL + 5_000


@pytest.mark.parametrize(
    ("given", "taken", "more", "kind"),
    [
        ([FRESH, FRESH, POOL, POOL, POOL], [POOL] * 5, {}, "whirlpool"),
        ([FRESH] + [POOL] * 7, [POOL] * 8, {}, "whirlpool"),
        ([POOL] * 5, [POOL] * 5, {}, None),
        ([FRESH] + [POOL] * 3, [POOL] * 4, {}, None),
        ([FRESH] + [POOL] * 8, [POOL] * 9, {}, "other"),
        ([FRESH] + [POOL] * 4, [POOL] * 5, {"keys": "aabcd"}, None),
        ([FRESH] + [POOL] * 4, [POOL] * 5, {"scripts": "aabcd"}, None),
        ([POOL + 99] + [POOL] * 4, [POOL] * 5, {}, None),
        ([POOL + 110_001] + [POOL] * 4, [POOL] * 5, {}, None),
        ([POOL - 1, FRESH] + [POOL] * 3, [POOL] * 5, {}, None),
        ([None, FRESH] + [POOL] * 3, [POOL] * 5, {}, "whirlpool"),
        ([None] * 8, [POOL] * 8, {}, "whirlpool"),
        ([None] * 9, [POOL] * 9, {}, None),
        ([None] * 5, [POOL + 1] * 5, {}, None),
        ([None, POOL - 1] + [POOL] * 3, [POOL] * 5, {}, None),
        ([2 * POOL + 500] + [2 * POOL] * 4, [2 * POOL] * 5, {}, "other"),
    ],
)
def test_a_whirlpool_mix_is_exact_in_every_amount(given, taken, more, kind):
    assert kind_by(whirlpool, given, taken, **more) == kind


@pytest.mark.parametrize(
    ("taken", "notes", "kind"),
    [
        ([FRESH, FRESH, 50_000, 7_777], [64], "whirlpool_tx0"),
        ([FRESH, 50_000, 7_777], [80], "whirlpool_tx0"),
        ([FRESH, 25_000], [64], "whirlpool_tx0"),
        ([FRESH, 24_999], [64], None),
        ([FRESH, 50_001], [64], None),
        ([FRESH, FRESH, 50_000], [], None),
        ([FRESH, FRESH, 50_000], [64, 64], None),
        ([FRESH, FRESH, 50_000], [20], None),
        ([FRESH, FRESH, 50_000], [-1], "whirlpool_tx0"),
        ([FRESH, 50_000], [-1], None),
        ([FRESH, 50_000, 1, 2, 3], [64], None),
        ([FRESH, 50_000, 1, 2], [64], "whirlpool_tx0"),
    ],
)
def test_a_tx0_has_premix_fee_and_one_note(taken, notes, kind):
    assert kind_by(whirlpool_tx0, [10 * POOL], taken, notes=notes) == kind


@pytest.mark.parametrize(
    ("given", "taken", "more", "kind"),
    [
        (5, [8_192, 6_561, 354_294, 8_192, 12_345], {}, "wasabi2"),
        (4, [8_192, 6_561, 354_294, 8_192, 12_345], {}, None),
        (5, [8_192, 6_561, 354_294, 1_111, 2_222, 3_333, 4_444], {}, None),
        (5, [8_192, 6_561, 354_294, 1_111, 2_222, 3_333], {}, "wasabi2"),
        # Round amounts are in the list too, but a list of wages has them as well.
        (9, [10_000, 20_000, 50_000, 100_000, 200_000], {}, None),
        (9, [8_192, 8_192, 8_192, 6_561, 20_000, 50_000], {}, None),
        (9, [8_192, 6_561, 354_294] + [10_000] * 40, {}, None),
        (5, [8_192, 6_561, 354_294, 8_192, 12_345], {"keys": "aaabc"}, None),
        (5, [8_192, 6_561, 354_294, 8_192, 12_345], {"scripts": "aabcd"}, None),
    ],
)
def test_a_wasabi_2_round_uses_the_odd_amounts_of_its_list(given, taken, more, kind):
    assert kind_by(wasabi2, [1_000_000] * given, taken, **more) == kind


def test_the_list_of_wasabi_2_has_the_amounts_its_code_makes():
    assert {5_000, 6_561, 8_192, 10_000, 13_122, 20_000, 2**30, 3**19, 2 * 3**19} <= STANDARD
    assert not STANDARD & {4_096, 2_187, 30_000, 15_000, 3 * 2**12}


def makers(count: int, amount: int, gain: int = 30) -> tuple[list[int], list[int]]:
    """A CoinJoin of `count`: the makers gain, the taker pays for all."""
    brought = [amount + 1_000_003 * (n + 2) for n in range(count)]
    kept = [value - amount + gain for value in brought[1:]]
    return brought, [amount] * count + kept + [brought[0] - amount - 9_999]


@pytest.mark.parametrize("count", [5, 8, 20])
def test_a_joinmarket_coinjoin_is_known_by_its_accounts(count):
    given, taken = makers(count, 7_654_321)
    match = joinmarket(shape(given, taken))
    assert (match.kind, match.evidence) == ("joinmarket", "accounts")
    assert explained_changes(shape(given, taken), 7_654_321) == count - 1
    unknown = joinmarket(shape([None] * count, taken))
    assert (unknown.kind, unknown.evidence) == ("joinmarket", "unfunded")
    wrong = joinmarket(shape([value + 777_777 for value in given], taken))
    assert (wrong.kind, wrong.evidence) == ("joinmarket", "shape")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda given, taken: (given, taken[:-1]), "joinmarket"),
        (lambda given, taken: (given, taken[:-2]), None),
        (lambda given, taken: (given, [*taken, 5]), None),
        (lambda given, taken: (given[:-1], taken), None),
        (lambda given, taken: (given + [9] * 42, taken), "joinmarket"),
        (lambda given, taken: (given + [9] * 43, taken), None),
    ],
)
def test_joinmarket_counts_outputs_and_inputs(change, kind):
    assert kind_by(joinmarket, *change(*makers(6, 7_654_321))) == kind


def test_three_or_four_are_a_coinjoin_only_if_every_maker_gains():
    given, taken = makers(3, 7_654_321)
    assert kind_by(joinmarket, given, taken) == "other"
    assert kind_by(joinmarket, [None] * 3, taken) is None
    assert kind_by(joinmarket, given, [*taken[:3], taken[3] + 99_999, *taken[4:]]) is None


def test_each_input_explains_one_change_at_most():
    assert explained_changes(shape([110], [100, 11, 12]), 100) == 1
    assert explained_changes(shape([60, 51], [100, 11]), 100) == 1


@pytest.mark.parametrize(
    ("count", "amount", "kind", "found"),
    [
        (30, 10_500_000, "p2wpkh", "wasabi1"),
        (30, 12_000_000, "p2wpkh", "wasabi1"),
        (30, 12_000_001, "p2wpkh", "other"),
        (30, 10_500_000, "p2pkh", None),
        (9, 10_500_000, "p2wpkh", None),
        (19, 30_000_000, "p2wpkh", None),
        (20, 30_000_000, "p2wpkh", "other"),
    ],
)
def test_a_wasabi_1_round_is_many_equal_outputs_near_a_tenth(count, amount, kind, found):
    taken = [amount] * count + [1_000 + n for n in range(count)]
    assert kind_by(wasabi1, [2 * amount] * count, taken, kind=kind) == found


def test_plain_payments_and_payouts_are_none_of_them():
    plain = [
        shape([50_000_000], [20_000_000, 29_990_000]),
        shape([50_000_000] * 3, [100_000_000, 49_990_000]),
        # An exchange pays out the same amount to many, from one key.
        shape([10**9] * 12, [10_000_000] * 30 + [4_321], keys=["hot"] * 12),
        shape([10**9], [8_192] * 30),
    ]
    assert [[rule(one) for rule in RULES] for one in plain] == [[None] * 5] * 4


def test_confidence_is_the_rule_of_succession():
    assert CONFIDENCE["whirlpool", "pool"] == 0.999
    assert CONFIDENCE["other", "dated"] == 0.5
    assert all(0 <= right <= found for right, found in MEASURED.values())


def test_amounts_in_a_reason_are_exact():
    said = [btc(amount) for amount in (1, 100_000_000, 10_050_000, 20_999_999_9769_0001)]
    assert said == ["0.00000001 BTC", "1 BTC", "0.1005 BTC", "20999999.97690001 BTC"]
