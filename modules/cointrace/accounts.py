"""Native coins of an account-model chain: who sent how much to whom, inside contract calls too.

A transaction names one receiver, but a contract that is called can pass coins on. Such internal
transfers leave no log; only a node that runs the transaction again ("traces") knows them. Sources: the
Ethereum yellow paper (calls that move value; a failed call undoes all below it), EIP-1559 (the base fee
is destroyed), and the columns of ethereum-etl's traces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import pandas as pd

from cointrace.errors import ChainError
from cointrace.records import account, exact_column, records, whole_number

COLUMNS = ("block", "tx", "trace", "kind", "sender", "receiver", "amount")
_SKIPPED = ("block", "tx", "trace", "sender", "receiver", "reason")
# These run another contract's code, or only read: the coins stay where they are.
_MOVES_NOTHING = ("delegatecall", "callcode", "staticcall")
_CREATED_BY_THE_CHAIN = ("genesis", "reward", "uncle")

type_of_rows = pd.DataFrame | Iterable[Mapping[str, object]]


class ValueTransfers(pd.DataFrame):
    """The table that `value_transfers` returns; its attribute `skipped` is a table as well."""

    _metadata: ClassVar[list[str]] = ["skipped"]
    skipped: pd.DataFrame


def value_transfers(
    transactions: type_of_rows, traces: type_of_rows | None = None, *, internal_only: bool = False
) -> ValueTransfers:
    """Return every movement of the native coin, those inside contract calls included.

    Args:
        transactions: a table or a list of mappings with block, tx, sender, receiver, value, and status
            (0 is failed) where it is known.
        traces: the same with sender, receiver, value, and where known tx, trace (the path of the call),
            status or error, call_type. None: only what transactions say themselves is known.
        internal_only: the traces leave out the outermost call of each transaction, as lists of
            "internal transactions" do; then the transaction's own value is counted beside them.

    Returns:
        block, tx, trace (path of the call; "" is the transaction itself), kind ("transaction",
        "call", "create", "reward", "genesis", ...), sender, receiver, amount (Python integers, in
        the smallest unit). A sender is missing where coins are made. The attribute `skipped` is a
        table with a reason for every row that moved nothing: failed calls, calls below a failed one,
        and calls that only borrow code. Fees are a matter of `fee_transfers`.

    Raises:
        ChainError: a field is missing, a number is not one, or two rows contradict each other.
    """
    rows: list[dict[str, object]] = []
    own, repeated = _once(_rows_of_transactions(transactions), "transaction")
    failed = {row["tx"] for row in own if row["status"] == 0}
    calls, again = _once([] if traces is None else _rows_of_traces(traces), "trace")
    skipped = [row | {"reason": "repeated: the same row came before"} for row in repeated + again]
    traced = {row["tx"] for row in calls}
    whole = bool(calls) and not internal_only
    unnamed = whole and traced == {None}
    for row in own:
        if row["tx"] in failed:
            skipped.append(row | {"reason": "failed: the transaction was undone"})
        elif whole and (unnamed or row["tx"] in traced):
            continue  # the outermost call among the traces says the same
        else:
            rows.append(row)
    below = _failed_paths(calls)
    for row in calls:
        reason = _why_nothing_moved(row, failed, below)
        if reason:
            skipped.append(row | {"reason": reason})
        else:
            rows.append(row)
    table = ValueTransfers(_table(rows))
    table.skipped = pd.DataFrame(
        {
            name: pd.array(
                [row[name] for row in skipped], dtype="Int64" if name == "block" else "str"
            )
            for name in _SKIPPED
        }
    )
    return table


def fee_transfers(transactions: type_of_rows, blocks: type_of_rows | None = None) -> pd.DataFrame:
    """Return what each transaction paid for being carried out; failed ones pay as well.

    Args:
        transactions: block, tx, sender, gas_used and gas_price (the one really paid).
        blocks: number, miner, and base_fee where the chain has one. None: the receiver stays unknown.

    Returns:
        The columns of `value_transfers`, kind "fee" (to the miner or validator) or "fee burnt" (the
        base fee of EIP-1559, which nobody receives).

    Raises:
        ChainError: a field is missing, a number is not one, or a base fee is above the price paid.
    """
    needed = ("block", "tx", "sender", "gas_used", "gas_price")
    found = records(transactions, "transaction", needed)
    headers = {}
    for at, block in enumerate([] if blocks is None else _headers(blocks)):
        headers[whole_number(block["number"], "number", f"block {at}")] = block
    paying = []
    for at, paid in enumerate(found):
        place = f"transaction {at}"
        used = whole_number(paid["gas_used"], "gas_used", place)
        price = whole_number(paid["gas_price"], "gas_price", place)
        if used is None or price is None:
            raise ChainError("the gas used or its price is missing", "add it", source=place)
        row = {"trace": "", "pathless": False, "receiver": None, "used": used, "price": price}
        paying.append(row | _basics(paid, place))
    rows = []
    for row in _once(paying, "transaction")[0]:
        place = f"block {row['block']}"
        header = headers.get(row["block"], {"miner": None, "base_fee": None})
        base = whole_number(header["base_fee"], "base_fee", place) or 0
        if base > row["price"]:
            raise ChainError(
                f"the price paid in {row['tx']} is below the base fee of its block",
                "check that blocks and transactions are of one chain",
                source=place,
            )
        earned = row["used"] * (row["price"] - base)
        miner = _party(header["miner"], "miner", place)
        rows.append(row | {"kind": "fee", "receiver": miner, "amount": earned})
        if base:
            rows.append(row | {"kind": "fee burnt", "amount": row["used"] * base})
    return _table(rows)


def balances(*transfers: pd.DataFrame) -> pd.DataFrame:
    """Return what each account holds after all the transfers: received less sent.

    Args:
        transfers: tables of `token_transfers`, `value_transfers` or `fee_transfers`. Of the first, only
            transfers, deposits and withdrawals count, not permissions.

    Returns:
        address, token (missing for the native coin), token_id (missing where all units are alike),
        amount: Python integers, sorted. An account that was full before the first transfer given
        shows less than it holds, even less than nothing.
    """
    held: dict[tuple[str, str, int], int] = {}
    for table in transfers:
        remedy = "give what token_transfers, value_transfers or fee_transfers returned"
        if not isinstance(table, pd.DataFrame):
            raise ChainError(f"transfers are a table, not a {type(table).__name__}", remedy)
        missing = {"kind", "sender", "receiver", "amount"} - set(table.columns)
        if missing:
            raise ChainError(f"a table of transfers lacks {sorted(missing)[0]}", remedy)
        moved = table[~table["kind"].isin(["approval", "approval_for_all"])]
        tokens = moved["token"] if "token" in moved else [None] * len(moved)
        numbers = moved["token_id"] if "token_id" in moved else [None] * len(moved)
        parts = (moved["sender"], moved["receiver"], moved["amount"], tokens, numbers)
        for sender, receiver, amount, token, number in zip(*parts, strict=True):
            thing = ("" if pd.isna(token) else token, -1 if pd.isna(number) else int(number))
            moved_units = int(amount)  # also from text, as a table has it that was kept as Parquet
            for party, change in ((sender, -moved_units), (receiver, moved_units)):
                if not pd.isna(party):
                    held[(party, *thing)] = held.get((party, *thing), 0) + change
    keys = sorted(held)
    return pd.DataFrame(
        {
            "address": pd.array([key[0] for key in keys], dtype="str"),
            "token": pd.array([key[1] or None for key in keys], dtype="str"),
            "token_id": exact_column([None if key[2] < 0 else key[2] for key in keys]),
            "amount": exact_column([held[key] for key in keys]),
        }
    )


def _once(
    rows: list[dict[str, object]], what: str
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Return the rows, each once, and those that came again; a row without an id is always new."""
    seen: dict[tuple[object, str], dict[str, object]] = {}
    first, again = [], []
    for at, row in enumerate(rows):
        key = (row["tx"], row["trace"])
        known = seen.get(key) if row["tx"] is not None and not row["pathless"] else None
        if known and known != row:
            raise ChainError(
                f"another {what} says otherwise about the same place in {row['tx']}",
                "find out which of the two the chain really holds",
                source=f"{what} {at}",
            )
        (again if known else first).append(row)
        seen[key] = row
    return first, again


def _rows_of_transactions(transactions: type_of_rows) -> list[dict[str, object]]:
    needed = ("block", "tx", "sender", "receiver", "value")
    rows = []
    for at, found in enumerate(records(transactions, "transaction", needed, ("status", "created"))):
        place = f"transaction {at}"
        row = _basics(found, place) | _value(found, place)
        if row["tx"] is None or row["sender"] is None:
            raise ChainError("it has no id or no sender", "add it", source=place)
        if row["receiver"] is None:  # it makes a contract, whose address the receipt names
            row["receiver"] = _party(found["created"], "the contract made", place)
        rows.append(row | {"trace": "", "kind": "transaction", "pathless": False})
    return rows


def _rows_of_traces(traces: type_of_rows) -> list[dict[str, object]]:
    optional = ("tx", "trace", "status", "error", "call", "kind")
    rows = []
    needed = ("block", "sender", "receiver", "value")
    for at, found in enumerate(records(traces, "trace", needed, optional)):
        place = f"trace {at}"
        row = _basics(found, place) | _value(found, place)
        call = _word(found["call"])
        kind = _word(found["kind"]) or ("call" if call else "reward")
        kind = "call" if kind in _MOVES_NOTHING else kind
        if row["sender"] is None and kind not in _CREATED_BY_THE_CHAIN:
            raise ChainError("a call has no sender", "add it", source=place)
        if row["status"] is None and _word(found["error"]):
            row["status"] = 0
        more = {"kind": kind, "call": call or kind, "pathless": found["trace"] is None}
        rows.append(row | {"trace": _path(found["trace"])} | more)
    return rows


def _basics(found: Mapping[str, object], place: str) -> dict[str, object]:
    block = whole_number(found["block"], "block", place)
    if block is None or block >= 1 << 63:
        raise ChainError("the number of its block is missing or too large", "add it", source=place)
    tx = found["tx"]
    sender = _party(found["sender"], "the sender", place)
    return {"block": block, "tx": None if tx is None else str(tx).lower(), "sender": sender}


def _value(found: Mapping[str, object], place: str) -> dict[str, object]:
    return {
        "receiver": _party(found["receiver"], "the receiver", place),
        "amount": whole_number(found["value"], "value", place) or 0,
        "status": whole_number(found["status"], "status", place),
    }


def _party(value: object, what: str, place: str) -> str | None:
    if value is None or (isinstance(value, str) and not value):
        return None
    party = account(value)
    if party is None:
        raise ChainError(
            f"{what} {str(value)[:50]!r} is not an account", "give 0x and 40 digits", source=place
        )
    return party


def _word(value: object) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _path(value: object) -> str:
    """Return the path of a call as text, "0,2" for the third call inside the first."""
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value).strip("[] ").replace(" ", "").removesuffix(".0")


def _failed_paths(calls: list[dict[str, object]]) -> set[tuple[object, str]]:
    """Return the places of failed calls, where the place of a call is known."""
    return {(row["tx"], row["trace"]) for row in calls if row["status"] == 0 and row["tx"]}


def _why_nothing_moved(
    row: Mapping[str, object], failed: set[object], below: set[tuple[object, str]]
) -> str | None:
    if row["status"] == 0:
        return "failed: the call was undone"
    if row["tx"] is not None and row["tx"] in failed:
        return "failed: the transaction was undone"
    steps = row["trace"].split(",") if row["trace"] else []
    if row["tx"] and any((row["tx"], ",".join(steps[:n])) in below for n in range(len(steps))):
        return "failed: a call above it was undone"
    if row["call"] in _MOVES_NOTHING:
        return f"{row['call']}: it runs code and moves nothing"
    return None


def _headers(blocks: type_of_rows) -> list[dict[str, object]]:
    return records(blocks, "block", ("number", "miner"), ("base_fee",))


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    made = {
        name: pd.array([row[name] for row in rows], dtype="int64" if name == "block" else "str")
        for name in COLUMNS[:-1]
    }
    amounts = exact_column([row["amount"] for row in rows])
    return pd.DataFrame(made | {"amount": amounts})
