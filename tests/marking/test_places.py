"""Who only waits keeps nobody waiting: the place of a submission that sleeps is lent."""

import threading

from autograder.places import Places

SOON = 10.0


def test_nobody_gets_a_place_that_is_taken_and_everybody_one_that_was_lent():
    places, taken = Places(1, 1), threading.Event()

    def work() -> None:
        with places.one():
            taken.set()

    with places.one() as lend:
        other = threading.Thread(target=work)
        other.start()
        assert not taken.wait(0.2)
        lend()
        lend()  # it had only one
        assert taken.wait(SOON)
        other.join(SOON)
    with places.one() as first_again:
        assert callable(first_again)


def test_no_more_places_are_lent_than_may_be():
    places = Places(1, 1)
    inside, third, stop = threading.Event(), threading.Event(), threading.Event()

    def wait() -> None:
        with places.one() as lend:
            lend()
            inside.set()
            stop.wait(SOON)

    def work() -> None:
        with places.one():
            third.set()

    with places.one() as lend:
        lend()
        second = threading.Thread(target=wait)
        second.start()
        assert inside.wait(SOON)
        last = threading.Thread(target=work)
        last.start()
        assert not third.wait(0.2)  # the second has lent nothing: one was the most
        stop.set()
        assert third.wait(SOON)
        second.join(SOON)
        last.join(SOON)
