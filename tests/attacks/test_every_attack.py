"""No attack wins a point, reads a secret, harms a neighbour, leaves anything behind, or puzzles an instructor."""

import itertools
import re
import threading
import time

import pytest
from every import ATTACKS
from scene import CANARY, INTERNAL, TIGHT, Harmless, points, shown, told
from table import KNOWN_THREATS, MORE_THREATS

from autograder.grading import Graded

_numbers = itertools.count(1)
LONGEST = TIGHT.notebook_seconds + TIGHT.grace_seconds + 5 * (TIGHT.check_seconds + 2) + 5


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_gains_nothing_harms_nobody_and_is_told_plainly(scene, attack):
    student = f"student-{next(_numbers)}"
    folder = scene.hand_in(attack, student)
    done: list[tuple[Graded, tuple[str, ...]]] = []
    beside = threading.Thread(target=lambda: done.append(scene.grade(folder)))
    started = time.monotonic()
    beside.start()
    scene.check_honest()  # beside it
    beside.join()
    assert time.monotonic() - started < LONGEST
    assert done, "the attack ended the grading itself"
    graded, notes = done[0]

    won, deserved = points(graded), scene.honest_points(attack)
    assert won.keys() == deserved.keys()
    if attack.exactly:
        assert won == deserved
    assert all(won[name] <= deserved[name] for name in won), (won, deserved)

    page = scene.page(graded, student)
    sentences = told(graded, notes)
    for text in (shown(graded), page, *sentences):
        assert not CANARY.search(text), CANARY.findall(text)
    harmless = Harmless()
    harmless.feed(page)
    assert not harmless.found

    for check in graded.checks.values():
        assert check.message or check.points == check.max_points
    for sentence in sentences:
        bare = re.sub(r"`[^`]*`|'[^']{1,80}'", "", sentence)  # without the trainee's own words
        assert not INTERNAL.search(bare), sentence
        assert 10 <= len(sentence) <= 2500
    assert attack.says in " ".join(sentences), sentences

    scene.check_honest()  # after it
    scene.check_nothing_is_left()


def test_the_attacks_are_counted_and_each_is_of_a_known_kind():
    names = [attack.name for attack in ATTACKS]
    assert len(names) == len(set(names))
    assert len(names) >= 250
    assert {attack.threat for attack in ATTACKS} == KNOWN_THREATS | MORE_THREATS
