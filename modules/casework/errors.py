"""The one error that casework gives: a sentence for somebody who never programmed."""


class CaseworkError(Exception):
    """Something is missing or mistyped; the message says what, and what to do."""
