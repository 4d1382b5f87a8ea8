"""What an author is told when a file cannot become an assignment."""

from pathlib import Path


class AuthoringError(Exception):
    """An author's mistake: one sentence that names the place and the remedy."""

    def __init__(self, path: Path, sentence: str, line: int | None = None) -> None:
        """Join the file, the line where there is one, and the sentence into the message."""
        self.path = path
        self.line = line
        place = str(path) if line is None else f"{path}, line {line}"
        super().__init__(f"{place}: {sentence}")
