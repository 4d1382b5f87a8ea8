"""Which schemes are under inquiry, and which honest collection looks just like each?

A row gives the crime and its innocent twin in one breath. Briefs are read by people who speak
English as a third language: short sentences.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scheme:
    """A kind of case. collector: name of the one suspected; twin: name of the honest one.

    title and brief may use {place}, {collector}, {state}, {tipper}, {informant}, {height}.
    """

    collector: str
    twin: str
    title: str
    brief: str


_TIP = (
    " An informant, {informant}, says that {tipper} paid into it from the tip address."
    " Start from block {height}: it holds one of the payments."
)

SCHEMES = (
    Scheme(
        "Hands for {place}",
        "{place} Flood Relief",
        "The flood appeal of {place}",
        "After a flood in {place}, {state}, a group named {collector} asked for gifts to one Bitcoin"
        " address. People there say that no help ever came." + _TIP,
    ),
    Scheme(
        "{place} Tickets",
        "{place} Concert Hall",
        "The tickets of {place}",
        "{collector} sold tickets for a concert in {place}, {state}, and took the money at one"
        " Bitcoin address. The concert was never planned." + _TIP,
    ),
    Scheme(
        "{place} Watch",
        "{place} Newsletter",
        "The letters of {place}",
        "Firms in {state} got letters that threaten to publish their files. The writer signs as"
        " {collector} and wants to be paid at one Bitcoin address." + _TIP,
    ),
    Scheme(
        "{place} Holiday Homes",
        "{place} Guest House",
        "The holiday homes of {place}",
        "{collector} let houses by the sea in {state} and took the deposits at one Bitcoin address."
        " The houses do not exist." + _TIP,
    ),
    Scheme(
        "{place} Profit Club",
        "{place} Savings Circle",
        "The profit club of {place}",
        "{collector} promised people in {state} a high profit each week and took their money at one"
        " Bitcoin address. Nobody was paid back in full." + _TIP,
    ),
    Scheme(
        "{place} Job Service",
        "{place} Training Centre",
        "The jobs of {place}",
        "{collector} took a fee for jobs abroad from people in {state}, at one Bitcoin address. The"
        " jobs did not exist." + _TIP,
    ),
)
