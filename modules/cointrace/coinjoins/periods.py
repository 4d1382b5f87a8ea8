"""When each kind of CoinJoin could be made on mainnet, and in which denominations.

A shape without its coordinator is a coincidence: a transaction of 2016 is no Whirlpool mix, whatever it
looks like. The dates are days in UTC; a day of grace is given on both sides, because the time in a
block is the miner's word and may be two hours off.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

_ARTIFACT = "list of coordinators in the artifact of the PETS 2026 study of CoinJoins (crocs-muni)"
_SEIZED = (
    "its operators were arrested and its server seized: US Department of Justice, 24 April 2024"
)


@dataclass(frozen=True)
class Period:
    """When one kind of CoinJoin was in use.

    Attributes:
        kind: as in the table that `coinjoins` returns.
        denomination: satoshi of each equal output, or None where it varies.
        pool_fee: satoshi that one Tx0 pays the coordinator at full price, or None.
        first: the first day.
        last: the last day, or None while it goes on.
        source: where the dates come from.
    """

    kind: str
    denomination: int | None
    pool_fee: int | None
    first: pd.Timestamp
    last: pd.Timestamp | None
    source: str

    def holds(self, time: pd.Timestamp | None) -> bool:
        """Say whether the kind could exist at `time`; a time that is not known speaks against nothing."""
        grace = pd.Timedelta(days=1)
        if time is None or pd.isna(time):
            return True
        return self.first - grace <= time and (self.last is None or time <= self.last + 2 * grace)


def _day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def _pool(
    denomination: int, pool_fee: int, first: str, last: str | None, source: str
) -> tuple[Period, Period]:
    end = None if last is None else _day(last)
    return tuple(
        Period(kind, denomination, pool_fee, _day(first), end, source)
        for kind in ("whirlpool", "whirlpool_tx0")
    )


COINJOIN_PERIODS: tuple[Period, ...] = (
    Period(
        "joinmarket",
        None,
        None,
        _day("2015-05-07"),
        None,
        "first JoinMarket transaction known to Dumplings (crocs-muni's Constants.cs); no coordinator to close",
    ),
    Period(
        "wasabi1",
        None,
        None,
        _day("2018-07-05"),
        _day("2024-06-01"),
        "announced on 6 July 2018 (Dumplings, FirstWasabiBlock 530500); zkSNACKs closed on 1 June 2024",
    ),
    Period(
        "wasabi2",
        None,
        None,
        _day("2022-06-15"),
        None,
        "version 2.0 of June 2022 (Dumplings, FirstWasabi2Block 741213); other coordinators go on",
    ),
    *_pool(100_000, 5_000, "2021-03-05", "2024-04-24", f"{_ARTIFACT}; {_SEIZED}"),
    *_pool(1_000_000, 50_000, "2019-05-23", "2024-04-24", f"{_ARTIFACT}; {_SEIZED}"),
    *_pool(5_000_000, 175_000, "2019-04-17", "2024-04-24", f"{_ARTIFACT}; {_SEIZED}"),
    *_pool(50_000_000, 1_750_000, "2019-08-02", "2024-04-24", f"{_ARTIFACT}; {_SEIZED}"),
    *_pool(2_500_000, 125_000, "2025-05-31", None, f"{_ARTIFACT}, Ashigaru's pools"),
    *_pool(25_000_000, 1_250_000, "2025-06-06", None, f"{_ARTIFACT}, Ashigaru's pools"),
)
"""Every kind with its dates and sources; Whirlpool has one line for each of its pools."""


def periods_of(kind: str) -> tuple[Period, ...]:
    """Return the periods of one kind."""
    return tuple(period for period in COINJOIN_PERIODS if period.kind == kind)
