"""What a trainee's cells put out, as it may go on into a notebook: of nbformat's kinds, not too much, sound text."""

import json
import re
from typing import Any

OUTPUT_KINDS = {
    "stream": {"name", "text"},
    "error": {"ename", "evalue", "traceback"},
    "display_data": {"data", "metadata"},
    "execute_result": {"data", "metadata", "execution_count"},
}
_MOST_OUTPUTS = 1000
_DEEPEST = 8
_MOST_COUNT = 1_000_000
# Controls, and the signs that turn the direction of writing (Unicode standard annex 9).
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_NAME = re.compile(r"(array of )?[\w.<>\[\]]+")


def readable(text: Any, longest: int) -> str:
    """Return a trainee's text as it may stand in a message: no half characters, no invisible ones, not too long."""
    if type(text) is not str:
        return ""
    return _UNSEEN.sub("", text[:longest]).encode("utf-8", "replace").decode()


def readable_name(text: str) -> str:
    """Return a name that the trainee's process gave to something, where it is a name and no sentence of its own."""
    return text if _NAME.fullmatch(readable(text, 61)) and len(text) <= 60 else "strange_name"


def kept_outputs(data: Any, most_bytes: int) -> tuple[list[dict[str, Any]], int]:
    """Keep of a cell's outputs what nbformat knows.

    Args:
        data: what arrived where the outputs belong.
        most_bytes: how large they may be together, as JSON.

    Returns:
        The outputs, and their size.
    """
    kept: list[dict[str, Any]] = []
    size = 0
    for output in data[:_MOST_OUTPUTS] if type(data) is list else []:
        kind = output.get("output_type") if type(output) is dict else None
        fields = OUTPUT_KINDS.get(kind) if type(kind) is str else None
        if fields is None or not fields <= set(output):
            continue
        bare = {field: output[field] for field in fields}
        if not _is_shallow(bare, _DEEPEST):
            continue
        clean = {"output_type": kind, **_whole_characters(bare)}
        if not _is_sound(clean):
            continue
        length = len(json.dumps(clean))
        if size + length > most_bytes:
            note = "[More output than is kept: the rest was left out.]\n"
            kept.append({"output_type": "stream", "name": "stderr", "text": note})
            break
        size += length
        kept.append(clean)
    return kept, size


def _is_shallow(data: Any, levels: int) -> bool:
    if type(data) is dict:
        return levels > 0 and all(_is_shallow(value, levels - 1) for value in data.values())
    if type(data) is list:
        return levels > 0 and all(_is_shallow(value, levels - 1) for value in data)
    return True


def _whole_characters(data: Any) -> Any:
    """Replace lone surrogates: no file and no database takes them."""
    if type(data) is str:
        return data.encode("utf-8", "replace").decode().replace("\x00", "")
    if type(data) is dict:
        return {_whole_characters(key): _whole_characters(value) for key, value in data.items()}
    if type(data) is list:
        return [_whole_characters(value) for value in data]
    # JSON knows no NaN, though Python's reader does.
    return data if type(data) is not float or data - data == 0 else None


def _is_sound(output: dict[str, Any]) -> bool:
    texts = [output[field] for field in ("text", "ename", "evalue") if field in output]
    if not all(type(text) is str for text in texts):
        return False
    if output["output_type"] == "stream":
        return output["name"] in ("stdout", "stderr")
    if output["output_type"] == "error":
        lines = output["traceback"]
        return type(lines) is list and all(type(line) is str for line in lines)
    count = output.get("execution_count")
    return (
        type(output["data"]) is dict
        and type(output["metadata"]) is dict
        and (count is None or (type(count) is int and 0 <= count < _MOST_COUNT))
    )
