"""Token movements of an account-model chain, decoded from the raw topics and data of its logs.

A token contract keeps its own book; what it wants the world to know it writes into logs. A log holds
up to four topics of 32 bytes (the first is the hash of the event's signature) and data. Sources: ERC-20
(EIP-20), ERC-721 (EIP-721), ERC-1155 (EIP-1155), the contract ABI specification, and WETH9 for the
wrapped native coin. What a log says is the contract's claim: a hostile contract can log a transfer
that moved nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from cointrace.errors import ChainError
from cointrace.records import account, exact_column, octets, records, whole_number

WRAPPED = ("0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2",)
"""Contracts that wrap the native coin: WETH9 on Ethereum mainnet."""

COLUMNS = (
    "block",
    "tx",
    "log_index",
    "item",
    "token",
    "standard",
    "kind",
    "sender",
    "receiver",
    "amount",
    "token_id",
    "spender",
    "approved",
)
_SKIPPED = ("block", "tx", "log_index", "token", "reason")

# Keccak-256 of the signatures; two standards share a signature and differ in what is indexed.
TRANSFER = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
APPROVAL = "8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925"
APPROVAL_FOR_ALL = "17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31"
TRANSFER_SINGLE = "c3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62"
TRANSFER_BATCH = "4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb"
DEPOSIT = "e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c"
WITHDRAWAL = "7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65"
SIGNATURES = {
    TRANSFER: "Transfer(address,address,uint256)",
    APPROVAL: "Approval(address,address,uint256)",
    APPROVAL_FOR_ALL: "ApprovalForAll(address,address,bool)",
    TRANSFER_SINGLE: "TransferSingle(address,address,address,uint256,uint256)",
    TRANSFER_BATCH: "TransferBatch(address,address,address,uint256[],uint256[])",
    DEPOSIT: "Deposit(address,uint256)",
    WITHDRAWAL: "Withdrawal(address,uint256)",
}


@dataclass(frozen=True)
class _Form:
    """One event of one standard: what stands in its topics, then in its data."""

    kind: str
    standard: str
    indexed: dict[str, str]
    data: dict[str, str]


_FORMS = {
    (TRANSFER, 3): _Form(
        "transfer", "erc20", {"sender": "address", "receiver": "address"}, {"amount": "uint256"}
    ),
    (TRANSFER, 4): _Form(
        "transfer",
        "erc721",
        {"sender": "address", "receiver": "address", "token_id": "uint256"},
        {},
    ),
    (APPROVAL, 3): _Form(
        "approval", "erc20", {"sender": "address", "spender": "address"}, {"amount": "uint256"}
    ),
    (APPROVAL, 4): _Form(
        "approval",
        "erc721",
        {"sender": "address", "spender": "address", "token_id": "uint256"},
        {},
    ),
    (APPROVAL_FOR_ALL, 3): _Form(
        "approval_for_all",
        "erc721 or erc1155",
        {"sender": "address", "spender": "address"},
        {"approved": "bool"},
    ),
    (TRANSFER_SINGLE, 4): _Form(
        "transfer",
        "erc1155",
        {"spender": "address", "sender": "address", "receiver": "address"},
        {"token_id": "uint256", "amount": "uint256"},
    ),
    (TRANSFER_BATCH, 4): _Form(
        "transfer",
        "erc1155",
        {"spender": "address", "sender": "address", "receiver": "address"},
        {"token_id": "uint256[]", "amount": "uint256[]"},
    ),
    (DEPOSIT, 2): _Form("deposit", "weth", {"receiver": "address"}, {"amount": "uint256"}),
    (WITHDRAWAL, 2): _Form("withdrawal", "weth", {"sender": "address"}, {"amount": "uint256"}),
}


class TokenTransfers(pd.DataFrame):
    """The table that `token_transfers` returns; its attribute `skipped` is a table as well."""

    _metadata: ClassVar[list[str]] = ["skipped"]
    skipped: pd.DataFrame


class _Unreadable(Exception):
    """A log that is kept apart; the text is the reason."""


def token_transfers(
    logs: pd.DataFrame | Iterable[Mapping[str, object]], wrapped: Collection[str] = WRAPPED
) -> TokenTransfers:
    """Decode the logs of token contracts: ERC-20, ERC-721, ERC-1155 and the wrapped native coin.

    ERC-20 and ERC-721 announce a transfer under the same signature; what tells them apart is that an
    ERC-721 token number is indexed (four topics, no data) and an ERC-20 amount is not (three topics).

    Args:
        logs: a table or a list of mappings, as a node, ethereum-etl or GraphSense names the fields:
            block, tx, log_index, address, topics, data, and removed where the node gives it.
        wrapped: the contracts whose Deposit and Withdrawal stand for wrapping the native coin. Other
            contracts use the same event for other things.

    Returns:
        One row for each movement or permission, in chain order: block, tx, log_index, item (its number
        in an ERC-1155 batch, else 0), token (the contract), standard, kind ("transfer", "approval",
        "approval_for_all", "deposit", "withdrawal"), sender (who gives, or who permits), receiver,
        amount, token_id, spender (who may spend, or who did it for the sender), approved.
        `amount` and `token_id` are Python integers in the token's smallest unit (a uint256 fits no
        64-bit column, so Parquet needs them as text: `.astype({"amount": "str", "token_id": "str"})`); an
        ERC-721 transfer has amount 1. Accounts are in small letters. Coins made
        come from the account of zeros, coins destroyed go there. The attribute `skipped` is a table
        block, tx, log_index, token, reason of every log that is not above.

    Raises:
        ChainError: a field is missing, or a block or a log number is not a number.
    """
    rows, skipped = [], []
    wrapping = {account(contract) for contract in wrapped}
    if None in wrapping:
        raise ChainError("`wrapped` names a contract that is no account", "give 0x and 40 digits")
    for log, reason in _told_apart(_numbered(logs)):
        try:
            if reason:
                raise _Unreadable(reason)
            rows += _decoded(log, wrapping)
        except _Unreadable as why:
            place = (log["block"], log["tx"], log["log_index"], account(log["address"]), str(why))
            skipped.append(dict(zip(_SKIPPED, place, strict=True)))
    table = _table(rows, COLUMNS)
    for name in ("amount", "token_id"):
        table[name] = exact_column([row.get(name) for row in rows])
    table["approved"] = pd.array([row.get("approved") for row in rows], dtype="boolean")
    table["item"] = table["item"].astype("int64")
    order = ["block", "log_index", "item"]
    table = TokenTransfers(table.sort_values(order, ignore_index=True, kind="stable"))
    table.skipped = _table(skipped, _SKIPPED).sort_values(
        order[:2], ignore_index=True, kind="stable"
    )
    return table


def _numbered(logs: pd.DataFrame | Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """Return the logs with numbers as numbers and ids in one form."""
    needed = ("block", "tx", "log_index", "address", "topics", "data")
    found = records(logs, "log", needed, ("removed",))
    for at, log in enumerate(found):
        for name in ("block", "log_index"):
            number = whole_number(log[name], name, f"log {at}")
            if number is None or number >= 1 << 63:
                raise ChainError(f"{name} is missing or too large", "add it", source=f"log {at}")
            log[name] = number
        raw = octets(log["tx"])
        log["tx"] = str(log["tx"]) if raw is None else "0x" + raw.hex()
    return found


def _told_apart(
    logs: list[dict[str, object]],
) -> Iterator[tuple[dict[str, object], str | None]]:
    """Yield each log with the reason to keep it apart before it is even read, or None."""
    blocks_of: dict[object, set[object]] = {}
    content_at: dict[tuple[object, object], set[str]] = {}
    for log in logs:
        if not _is_removed(log):
            blocks_of.setdefault(log["tx"], set()).add(log["block"])
            content_at.setdefault((log["block"], log["log_index"]), set()).add(_content(log))
    seen: Counter[tuple[object, object]] = Counter()
    for log in logs:
        place = (log["block"], log["log_index"])
        if _is_removed(log):
            yield log, "removed: its block left the chain"
        elif len(blocks_of[log["tx"]]) > 1:
            yield log, "contradiction: its transaction is said to stand in several blocks"
        elif len(content_at[place]) > 1:
            yield log, "contradiction: another log is said to stand at the same place"
        else:
            seen[place] += 1
            yield log, "repeated: the same log came before" if seen[place] > 1 else None


def _is_removed(log: Mapping[str, object]) -> bool:
    return str(log["removed"]).lower() in ("true", "1", "1.0")


def _content(log: Mapping[str, object]) -> str:
    parts = [log["tx"], log["address"], _written(log["data"]), *map(_written, _topics(log))]
    return " ".join(map(str, parts)).lower()


def _written(value: object) -> object:
    return "0x" + bytes(value).hex() if isinstance(value, bytes | bytearray) else value


def _topics(log: Mapping[str, object]) -> list[object]:
    """Return the topics: a list, an array, or text with commas as a CSV file has it."""
    topics = log["topics"]
    if topics is None:
        return []
    if isinstance(topics, str):
        return [topic.strip() for topic in topics.strip("[]").split(",") if topic.strip()]
    return list(topics) if isinstance(topics, Iterable) else [topics]


def _decoded(log: Mapping[str, object], wrapping: set[str | None]) -> list[dict[str, object]]:
    """Return the rows that one log makes."""
    topics = [octets(topic) for topic in _topics(log)]
    data = octets(log["data"]) if log["data"] is not None else b""
    token = account(log["address"])
    if token is None:
        raise _Unreadable("damaged: the contract's address is not 20 bytes")
    if data is None:
        raise _Unreadable("damaged: the data are not hexadecimal")
    if len(topics) > 4 or any(topic is None or len(topic) != 32 for topic in topics):
        raise _Unreadable("damaged: a log has at most four topics of 32 bytes each")
    if not topics:
        raise _Unreadable("anonymous: no topic says which event it is")
    signature = topics[0].hex()
    if signature not in SIGNATURES:
        raise _Unreadable("another event: not one of a token standard")
    form = _FORMS.get((signature, len(topics)))
    if form is None:
        raise _Unreadable(
            f"not standard: {SIGNATURES[signature]} with {len(topics) - 1} indexed "
            f"{'field' if len(topics) == 2 else 'fields'}"
        )
    if form.standard == "weth" and token not in wrapping:
        raise _Unreadable("another event: the contract is not known to wrap the native coin")
    found = _values(form, b"".join(topics[1:]), data)
    base = {"token": token, "standard": form.standard, "kind": form.kind, "item": 0}
    base |= {name: log[name] for name in ("block", "tx", "log_index")} | found
    if signature != TRANSFER_BATCH:
        return [base | {"amount": 1} if (signature, len(topics)) == (TRANSFER, 4) else base]
    pairs = _pairs(found)
    return [
        base | {"item": item, "token_id": token_id, "amount": amount}
        for item, (token_id, amount) in enumerate(pairs)
    ]


def _values(form: _Form, indexed: bytes, data: bytes) -> dict[str, object]:
    """Decode the fields of an event by the ABI specification, padding checked."""
    from eth_abi import decode
    from eth_abi.exceptions import DecodingError

    static = not any(kind.endswith("[]") for kind in form.data.values())
    if static and len(data) != 32 * len(form.data):
        raise _Unreadable(
            f"not standard: {len(data)} bytes of data where {form.standard} has "
            f"{32 * len(form.data)}"
        )
    try:
        parts = (
            *decode(list(form.indexed.values()), indexed),
            *decode(list(form.data.values()), data),
        )
    except (DecodingError, OverflowError) as error:
        raise _Unreadable(f"damaged: a field is not of its type ({type(error).__name__})") from None
    return dict(zip((*form.indexed, *form.data), parts, strict=True))


def _pairs(found: Mapping[str, object]) -> list[tuple[int, int]]:
    numbers, amounts = found["token_id"], found["amount"]
    if len(numbers) != len(amounts):
        raise _Unreadable("damaged: a batch has as many amounts as token numbers")
    if not numbers:
        raise _Unreadable("empty: a batch that moves nothing")
    return list(zip(numbers, amounts, strict=True))


def _table(rows: list[dict[str, object]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Return rows as a table whose types do not depend on how many rows there are."""
    made = {}
    for name in columns:
        values = [row.get(name) for row in rows]
        whole = name in ("block", "log_index")
        if name in ("amount", "token_id", "approved", "item"):
            made[name] = pd.Series(values, dtype=object)
        else:
            made[name] = pd.array(values, dtype="int64" if whole else "str")
    return pd.DataFrame(made)
