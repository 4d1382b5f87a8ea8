"""Rows of an account-model chain, whoever exported them: one name for each field, exact numbers.

Nodes (JSON-RPC), ethereum-etl and GraphSense write the same facts under different names and in
different forms: `blockNumber` as "0x10609f9", `block_number` as 17173049, `blockId`. Amounts are up to
2**256, beyond 64-bit columns and far beyond floats, so they are Python integers here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from numbers import Integral, Real

import pandas as pd

from cointrace.errors import ChainError

NAMES = {
    "block": ("block", "block_number", "blockNumber", "blockId"),
    "tx": ("tx", "transaction_hash", "transactionHash", "txHash", "tx_hash", "hash"),
    "log_index": ("log_index", "logIndex"),
    "address": ("address",),
    "topics": ("topics",),
    "data": ("data",),
    "removed": ("removed",),
    "sender": ("sender", "from_address", "fromAddress", "from"),
    "receiver": ("receiver", "to_address", "toAddress", "to"),
    "created": ("created", "receipt_contract_address", "contractAddress"),
    "value": ("value", "amount"),
    "status": ("status", "receipt_status"),
    "error": ("error",),
    "call": ("call_type", "callType"),
    "kind": ("trace_type", "type", "kind"),
    "trace": ("trace_address", "traceAddress"),
    "gas_price": ("receipt_effective_gas_price", "effectiveGasPrice", "gas_price", "gasPrice"),
    "gas_used": ("receipt_gas_used", "receiptGasUsed", "gasUsed", "gas_used"),
    "miner": ("miner",),
    "number": ("number", "block", "block_number", "blockNumber", "blockId"),
    "base_fee": ("base_fee", "base_fee_per_gas", "baseFeePerGas"),
}
"""The names under which each field is looked for, the first one found counts."""

_FIRST_INEXACT = 2**53  # from here on, floats skip whole numbers


def records(
    source: pd.DataFrame | Iterable[Mapping[str, object]],
    what: str,
    needed: Iterable[str],
    optional: Iterable[str] = (),
) -> list[dict[str, object]]:
    """Return the rows of a table or of a list of mappings, with our names; a missing value is None.

    Args:
        source: a table, or mappings such as a node or a line of JSON gives.
        what: what one row is called in errors, "log" for example.
        needed: fields (of `NAMES`) that every row must have.
        optional: fields that a row may lack.

    Raises:
        ChainError: it is neither, or a row lacks a field that is needed.
    """
    needed = tuple(needed)
    wanted = (*needed, *optional)
    if isinstance(source, pd.DataFrame):
        if len(source):
            _check_fields(tuple(source.columns), needed, f"the table of {what}s")
        rows: Iterable[object] = source.to_dict("records")
    elif isinstance(source, Iterable) and not isinstance(source, str | bytes | Mapping):
        rows = source
    else:
        raise ChainError(
            f"{what}s cannot be taken from a {type(source).__name__}",
            "give a table, or a list with one mapping for each",
        )
    found = []
    places: dict[tuple[object, ...], dict[str, object]] = {}
    for at, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise ChainError(
                f"a {what} should be a mapping of names to values, not a {type(row).__name__}",
                "give a table, or a list with one mapping for each",
                source=f"{what} {at}",
            )
        keys = tuple(row)
        if keys not in places:
            _check_fields(keys, needed, f"{what} {at}")
            places[keys] = {
                name: next((alias for alias in NAMES[name] if alias in row), None)
                for name in wanted
            }
        found.append(
            {
                name: None if key is None else _present(row[key])
                for name, key in places[keys].items()
            }
        )
    return found


def whole_number(value: object, field: str, source: str) -> int | None:
    """Return an exact whole number from an integer, digits, "0x" digits or "199e17"; None stays.

    Raises:
        ChainError: it is not one, is negative, or came as a float too large to be exact.
    """
    number: int | None = None
    if value is None:
        return None
    if isinstance(value, Integral) and not isinstance(value, bool):
        number = int(value)
    elif isinstance(value, Real) and not isinstance(value, bool):
        if abs(value) >= _FIRST_INEXACT:
            raise ChainError(
                f"{field} came as the rounded number {value}, so it is no longer exact",
                "read that column as text",
                source=source,
            )
        number = int(value) if value == int(value) else None
    elif isinstance(value, str) and len(value) <= 100:
        number = _from_text(value.strip())
    if number is None or not 0 <= number < 1 << 256:
        raise ChainError(
            f"{field} should be a whole number from 0 to 2**256 - 1, not {str(value)[:40]!r}",
            "correct it at its source",
            source=source,
        )
    return number


def account(value: object) -> str | None:
    """Return an account as "0x" and 40 small hexadecimal digits, or None where it is not one."""
    raw = octets(value)
    return "0x" + raw.hex() if raw is not None and len(raw) == 20 else None


def octets(value: object) -> bytes | None:
    """Return the bytes that "0x" and hexadecimal digits stand for, or None where they do not."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if not isinstance(value, str) or value[:2] not in ("0x", "0X"):
        return None
    digits = value[2:]
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        return None
    return raw if len(raw) * 2 == len(digits) else None  # fromhex forgives spaces, we do not


def exact_column(values: list[int | None]) -> pd.Series:
    """Return Python integers as a column of type object: pandas would round or refuse them."""
    column = pd.Series([None] * len(values), dtype=object)
    column[:] = values
    return column


def _check_fields(keys: tuple[object, ...], needed: Iterable[str], source: str) -> None:
    for name in needed:
        if not any(alias in keys for alias in NAMES[name]):
            raise ChainError(
                f"the field {name!r} is missing",
                f"name it {' or '.join(NAMES[name])}",
                source=source,
            )


def _present(value: object) -> object:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    return None if isinstance(value, float) and value != value else value


def _from_text(text: str) -> int | None:
    if not text.isascii() or "_" in text:
        return None
    try:
        if text[:2].lower() == "0x":
            return int(text, 16)
        number = Decimal(text)
    except (ValueError, InvalidOperation):
        return None
    if not number.is_finite() or not 0 <= number < Decimal(2) ** 257:
        return None
    return int(number) if number == number.to_integral_value() else None
