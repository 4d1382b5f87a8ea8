"""What is each trainee's case, and what is its answer? Read off the books, never off the chain.

The tool that trainees use (cointrace) plays no part here, so that it can be tested by these answers.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from .errors import WorldError
from .ledger import Ledger, Record
from .plan import Inquiry

ASSIGNMENT = "crypto-1"

# How hard a case may be: least and most of each. A world whose cases fall outside is refused.
BAND = {
    "transactions in the first block": (9, 40),
    "payments received": (12, 28),
    "different payers": (6, 24),
    "days from first to last payment": (40, 100),
    "transactions that spend from it": (2, 8),
    "payments by the tip address": (0, 2),
    "transactions with both addresses that prove nothing": (0, 4),
    "lookalikes": (2, 2),
    "transactions of the tip address": (30, 180),
}


@dataclass(frozen=True, slots=True)
class Story:
    """One case seen from the books: its records by role, up to its last block."""

    inquiry: Inquiry
    address: str
    tip_address: str
    height: int
    received: tuple[Record, ...]
    spent: tuple[Record, ...]
    tip: tuple[Record, ...]

    @property
    def evidence(self) -> tuple[Record, ...]:
        """Return the transactions in which the tip address itself paid the address."""
        return tuple(record for record in self.received if pays_from(record, self.tip_address))


def pays_from(record: Record, address: str) -> bool:
    """Say whether a coin of `address` is spent in `record`."""
    return any(coin.lock.address == address for coin in record.coins)


def pays_to(record: Record, address: str) -> int:
    """Return the satoshi that `record` sends to `address`."""
    return sum(output.value for output in record.outputs if output.address == address)


def tell(ledger: Ledger) -> list[Story]:
    """Find every case of the plan in the books, in one pass over them."""
    wanted = {}
    for inquiry in ledger.plan.inquiries:
        wanted[ledger.public[inquiry.collector]] = None
        wanted[ledger.public[inquiry.tip]] = None
    touching: dict[str, list[Record]] = defaultdict(list)
    for block in ledger.records:
        for record in block:
            addresses = {output.address: None for output in record.outputs}
            addresses.update({coin.lock.address: None for coin in record.coins})
            for address in addresses:
                if address in wanted:
                    touching[address].append(record)
    return [_tell(ledger, inquiry, touching) for inquiry in ledger.plan.inquiries]


def _tell(ledger: Ledger, inquiry: Inquiry, touching: dict[str, list[Record]]) -> Story:
    address, tip_address = ledger.public[inquiry.collector], ledger.public[inquiry.tip]
    seen = [record for record in touching[address] if record.height <= inquiry.until_height]
    received = tuple(record for record in seen if pays_to(record, address))
    low, high = _limits(ledger, "transactions in the first block")
    # Start in the middle of the story, in a block of the usual size.
    usual = [each.height for each in received if low <= len(ledger.records[each.height]) <= high]
    if not usual:
        raise WorldError(
            f"case {inquiry.number} of seed '{ledger.plan.seed}' has no block to start from; "
            "choose another seed"
        )
    return Story(
        inquiry,
        address,
        tip_address,
        usual[len(usual) // 2],
        received,
        tuple(record for record in seen if pays_from(record, address)),
        tuple(each for each in touching[tip_address] if each.height <= inquiry.until_height),
    )


def _limits(ledger: Ledger, scale: str) -> tuple[int, int]:
    """Return least and most on a scale of `BAND`; a block holds the payments of all towns."""
    low, high = BAND[scale]
    towns = ledger.plan.towns if scale == "transactions in the first block" else 1
    return low * towns, high * towns


def difficulty(ledger: Ledger, story: Story) -> dict[str, int]:
    """Measure a case on every scale of `BAND`."""
    times = ledger.plan.times
    both = [
        record
        for record in story.tip
        if (pays_to(record, story.address) or pays_from(record, story.address))
        and record not in story.evidence
    ]
    return {
        "transactions in the first block": len(ledger.records[story.height]),
        "payments received": len(story.received),
        "different payers": len({record.payer for record in story.received}),
        "days from first to last payment": (
            times[story.received[-1].height] - times[story.received[0].height]
        )
        // 86_400,
        "transactions that spend from it": len(story.spent),
        "payments by the tip address": len(story.evidence),
        "transactions with both addresses that prove nothing": len(both),
        "lookalikes": len(story.inquiry.lookalikes),
        "transactions of the tip address": len(story.tip),
    }


def check_band(ledger: Ledger, story: Story) -> None:
    """Refuse a case that is easier or harder than the band, or whose tip is not as planned."""
    number, seed = story.inquiry.number, ledger.plan.seed
    for scale, value in difficulty(ledger, story).items():
        low, high = _limits(ledger, scale)
        if not low <= value <= high:
            raise WorldError(
                f"case {number} of seed '{seed}' is not as hard as the others ({scale}: {value}, "
                f"allowed {low} to {high}); choose another seed"
            )
    if bool(story.evidence) != story.inquiry.supported or answer(ledger, story)["balance"] <= 0:
        raise WorldError(
            f"case {number} of seed '{seed}' went against its plan; choose another seed"
        )


def brief(ledger: Ledger, story: Story) -> dict[str, object]:
    """Return what the trainee is told."""
    return {
        "number": story.inquiry.number,
        "title": story.inquiry.title,
        "brief": story.inquiry.brief.format(height=story.height),
        "height": story.height,
        "address": story.address,
        "tip_address": story.tip_address,
        "until_height": story.inquiry.until_height,
    }


def answer(ledger: Ledger, story: Story) -> dict[str, object]:
    """Return what is true: amounts in satoshi, time in Unix seconds, days and months in UTC."""
    block = ledger.blocks[story.height]
    records = ledger.records[story.height]
    received = sum(pays_to(record, story.address) for record in story.received)
    spent = sum(
        coin.value
        for record in story.spent
        for coin in record.coins
        if coin.lock.address == story.address
    )
    daily: dict[str, int] = defaultdict(int)
    monthly: dict[str, int] = defaultdict(int)
    payments = []
    for record in story.received:
        time, value = ledger.plan.times[record.height], pays_to(record, story.address)
        moment = datetime.fromtimestamp(time, UTC)
        daily[moment.strftime("%Y-%m-%d")] += value
        monthly[moment.strftime("%Y-%m")] += value
        payments.append({"txid": record.txid, "height": record.height, "time": time, "sat": value})
    return {
        "number": story.inquiry.number,
        "block_time": block.time,
        "block_hash": block.hash.hex(),
        "transaction_count": len(records),
        "fees": {record.txid: record.fee for record in records[1:]},
        "received": received,
        "spent": spent,
        "balance": received - spent,
        "tip_supported": bool(story.evidence),
        "tip_txids": [record.txid for record in story.evidence],
        "lookalikes": list(story.inquiry.lookalikes),
        "collector": story.inquiry.collector,
        "twin": story.inquiry.twin,
        "tip_owner": story.inquiry.tip,
        "payments": payments,
        "daily": dict(sorted(daily.items())),
        "monthly": dict(sorted(monthly.items())),
    }
