"""Which State has joined which treaty? A small first table.

The States are invented, the treaties are real ones; whether an invented State has joined is drawn.
"""

import csv
import io

from .seed import Stream

# Column: treaty, and in how many of ten cases a State of this world has joined it.
TREATIES = {
    "budapest_convention": 7,  # Convention on Cybercrime, 2001 (ETS 185)
    "untoc": 9,  # United Nations Convention against Transnational Organized Crime, 2000
    "uncac": 9,  # United Nations Convention against Corruption, 2003
    "un_cybercrime_convention": 4,  # United Nations Convention against Cybercrime, 2024
    "icsant": 6,  # Convention for the Suppression of Acts of Nuclear Terrorism, 2005
}


def states_csv(seed: str, states: list[str]) -> bytes:
    """Return law/states.csv: state, name, one yes/no column per treaty.

    Each treaty has at least one member and one that stays outside, so that questions on it have
    two sides.
    """
    stream = Stream(seed, "law")
    columns = []
    for likely in TREATIES.values():
        joined = [stream.chance(likely, 10) for _ in states]
        inside, outside = stream.sample(range(len(states)), 2)
        joined[inside], joined[outside] = True, False
        columns.append(joined)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["state", "name", *TREATIES])
    for row, name in enumerate(states):
        flags = ["yes" if column[row] else "no" for column in columns]
        table.writerow([name.lower(), f"Republic of {name}", *flags])
    return text.getvalue().encode("utf-8")
