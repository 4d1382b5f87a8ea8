"""How far a tag may be trusted: the ladder of words and levels that TagPacks use.

The words and levels are those of GraphSense's `confidence.csv` (graphsense-lib, commit a82914bf4bcb,
read on 23 November 2026); the meanings are in our own words. A level is a convention for comparing
tags, not a probability.
"""

from __future__ import annotations

import pandas as pd

LADDER_SOURCE = "graphsense-lib, confidence.csv, commit a82914bf4bcb"
LADDER_DATE = "2026-11-23"

_LADDER = (
    ("override", 100, "somebody decided that this tag names a whole cluster, above all others"),
    ("ownership", 100, "who made the tag holds the key of the address"),
    ("ledger_immanent", 100, "the chain itself says it, read by a reliable procedure"),
    ("manual_transaction", 90, "who made the tag paid the service, or was paid by it"),
    ("service_api", 70, "a known service answered when it was asked by program"),
    ("forensic_investigation", 70, "found in an investigation, of a victim or from a provider"),
    ("authority_data", 60, "a public authority has published it"),
    ("trusted_provider", 50, "somebody who is trusted passed it on"),
    ("service_data", 50, "a known service has published or sent it"),
    ("forensic", 50, "taken from a report or a scientific paper"),
    ("untrusted_transaction", 40, "somebody else says that they paid the service"),
    ("web_crawl", 20, "collected from web pages or data dumps"),
    ("heuristic", 10, "made by a method whose errors are hard to state"),
    ("unknown", 5, "nobody says where it comes from"),
)
LEVELS = {word: level for word, level, _ in _LADDER}


def confidence_ladder() -> pd.DataFrame:
    """Return the ladder, highest first: confidence_word, confidence (0 to 100), meaning."""
    return pd.DataFrame(_LADDER, columns=["confidence_word", "confidence", "meaning"])
