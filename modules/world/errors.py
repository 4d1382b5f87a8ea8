"""The one error of this room: a sentence that names the place and the remedy."""


class WorldError(Exception):
    """A world cannot be built or is damaged; the message is one clear sentence."""
