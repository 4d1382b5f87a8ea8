"""Who owns what, which output is change, who paid and why? The tables of the truth."""

import csv
import io
from collections.abc import Iterable

from .errors import WorldError
from .ledger import Ledger


def _table(header: list[str], rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
    return text.getvalue().encode("utf-8")


def entities_csv(ledger: Ledger) -> bytes:
    """Return entity, name, kind, state."""
    return _table(
        ["entity", "name", "kind", "state"],
        ([each.id, each.name, each.kind, each.state] for each in ledger.plan.entities),
    )


def owners_csv(ledger: Ledger) -> bytes:
    """Return address, entity: every address that ever received, in order of first use.

    A P2PK output has no address; its public key (hex) stands in its place.
    """
    owners: dict[str, str] = {}
    for block in ledger.records:
        for record in block:
            for output in record.outputs:
                if not output.owner:
                    continue
                name = output.address or output.script[1:-1].hex()
                if owners.setdefault(name, output.owner) != output.owner:
                    raise WorldError(f"address {name} has two owners; mend the wallet that made it")
    return _table(["address", "entity"], owners.items())


def change_csv(ledger: Ledger) -> bytes:
    """Return txid, vout of every change output."""
    rows = (
        [record.txid, change]
        for block in ledger.records
        for record in block
        for change in record.changes
    )
    return _table(["txid", "vout"], rows)


def transactions_csv(ledger: Ledger) -> bytes:
    """Return txid, height, payer, purpose, kind.

    payer: empty for a coinbase, several with ";" between them where several signed; kind: "coinbase",
    "payment", "whirlpool_tx0" or the kind of joint transaction.
    """
    rows = (
        [record.txid, record.height, record.payer, record.purpose, record.kind]
        for block in ledger.records
        for record in block
    )
    return _table(["txid", "height", "payer", "purpose", "kind"], rows)
