"""numpy and pandas across the wall: arrays as raw bytes, columns as Arrow, both with a declared type that is checked.

Arrow's own notes for pandas (schema metadata, extension types) are left out on purpose: what a column is, is said in our
JSON with a word from a closed list, so an arriving table cannot ask the judge to build anything else.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from autograder.wire.limits import WireError
from autograder.wire.moments import frequency, side

if TYPE_CHECKING:
    from autograder.wire.values import Decoder, Encoder

_RAW_DTYPE = re.compile(
    r"[<>|=]?(b1|[iu][1248]|f[248]|c(8|16)|[mM]8(\[(\d*)(ns|us|ms|s|m|h|D|W|M|Y)\])?|[US]\d{1,6})"
)
_COLUMN_DTYPE = re.compile(
    r"bool|boolean|u?int(8|16|32|64)|U?Int(8|16|32|64)|float(16|32|64)|Float(32|64)|str|string"
    r"|datetime64\[(s|ms|us|ns)(, (?!dateutil)[A-Za-z0-9_+\-/:]{1,64})?\]|timedelta64\[(s|ms|us|ns)\]"
)


def encode(encoder: "Encoder", value: Any, depth: int) -> Any:
    """Return a numpy or pandas value as JSON, or None where it is neither."""
    if isinstance(value, np.generic):
        return _encode_scalar(encoder, value)
    if isinstance(value, np.ma.MaskedArray):
        return {"t": "opaque", "type": "masked array"}
    if isinstance(value, np.ndarray):
        return _encode_array(encoder, value, depth)
    if isinstance(value, pd.DataFrame):
        return {
            "t": "frame",
            "columns": _encode_index(encoder, value.columns, depth),
            "index": _encode_index(encoder, value.index, depth),
            "data": [
                _encode_column(encoder, value.iloc[:, i], depth) for i in range(value.shape[1])
            ],
        }
    if isinstance(value, pd.Series):
        return {
            "t": "series",
            "name": encoder.value(value.name, depth + 1),
            "index": _encode_index(encoder, value.index, depth),
            "data": _encode_column(encoder, value, depth),
        }
    if isinstance(value, pd.Index):
        return {"t": "index", "v": _encode_index(encoder, value, depth)}
    if isinstance(value, pd.api.extensions.ExtensionArray):
        return {"t": "column", "v": _encode_column(encoder, pd.Series(value), depth)}
    if value is pd.NA:
        return {"t": "na"}
    return None


def _encode_scalar(encoder: "Encoder", value: Any) -> Any:
    """Return a numpy scalar as JSON, or None for any other value."""
    if not isinstance(value, np.generic) or not _RAW_DTYPE.fullmatch(value.dtype.str):
        return None
    return {"t": "scalar", "dtype": value.dtype.str, "b": encoder.buffer(value.tobytes())}


def _encode_array(encoder: "Encoder", array: np.ndarray, depth: int) -> Any:
    shape = list(array.shape)
    if _RAW_DTYPE.fullmatch(array.dtype.str):
        raw = np.ascontiguousarray(array).tobytes()
        made = {"t": "array", "dtype": array.dtype.str, "shape": shape, "b": encoder.buffer(raw)}
        return made if array.flags.writeable else {**made, "fixed": True}
    if array.dtype == object:
        return {
            "t": "objects",
            "shape": shape,
            "v": encoder.sequence(array.ravel().tolist(), depth),
        }
    return {"t": "opaque", "type": f"array of {array.dtype}"}


def _encode_column(encoder: "Encoder", column: pd.Series, depth: int) -> Any:
    dtype = str(column.dtype)
    if isinstance(column.dtype, pd.CategoricalDtype):
        return {
            "dtype": "category",
            "ordered": bool(column.cat.ordered),
            "codes": _encode_array(encoder, column.cat.codes.to_numpy(), depth),
            "categories": _encode_index(encoder, column.cat.categories, depth),
        }
    if isinstance(column.dtype, pd.PeriodDtype):
        ordinals = np.asarray(column.array.asi8)
        return {
            "dtype": "period",
            "freq": dtype[len("period[") : -1],
            "ordinals": _encode_array(encoder, ordinals, depth),
        }
    if isinstance(column.dtype, pd.IntervalDtype):
        return {
            "dtype": "interval",
            "closed": column.array.closed,
            "left": _encode_index(encoder, column.array.left, depth),
            "right": _encode_index(encoder, column.array.right, depth),
        }
    if _COLUMN_DTYPE.fullmatch(dtype):
        array = pa.Array.from_pandas(column)
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if array.offset or array.get_total_buffer_size() > array.nbytes + 64:
            array = array.take(pa.array(np.arange(len(array))))  # a part of a larger column
        parts = [None if b is None else encoder.buffer(b.to_pybytes()) for b in array.buffers()]
        return {"dtype": dtype, "rows": len(array), "parts": parts}
    return {"dtype": "object", "v": encoder.sequence(column.tolist(), depth)}


def _encode_index(encoder: "Encoder", index: pd.Index, depth: int) -> Any:
    if isinstance(index, pd.RangeIndex):
        return {
            "kind": "range",
            "v": [index.start, index.stop, index.step],
            "name": encoder.value(index.name, depth + 1),
        }
    if isinstance(index, pd.MultiIndex):
        return {
            "kind": "multi",
            "names": encoder.sequence(index.names, depth),
            "levels": [_encode_index(encoder, level, depth) for level in index.levels],
            "codes": [_encode_array(encoder, np.asarray(codes), depth) for codes in index.codes],
        }
    return {
        "kind": "plain",
        "name": encoder.value(index.name, depth + 1),
        "v": _encode_column(encoder, pd.Series(index), depth),
        "freq": None if isinstance(index, pd.PeriodIndex) else getattr(index, "freqstr", None),
    }


def _decode_raw(decoder: "Decoder", data: dict[str, Any], count: int) -> np.ndarray:
    dtype = decoder.text(data.get("dtype"), 40)
    if not _RAW_DTYPE.fullmatch(dtype):
        raise WireError("an array arrived of a type that the wire does not carry")
    raw = decoder.buffer(data.get("b"))
    kind = np.dtype(dtype)
    if len(raw) != count * kind.itemsize:
        raise WireError("an array arrived whose size is not what it says")
    return np.frombuffer(raw, dtype=kind).copy()


def _shape(decoder: "Decoder", data: dict[str, Any]) -> tuple[tuple[int, ...], int]:
    shape = tuple(decoder.integer(n, 0, 2**31) for n in decoder.items(data.get("shape")))
    if len(shape) > 8:
        raise WireError("an array arrived with more than 8 dimensions")
    count = 1
    for n in shape:
        count *= n
    if count > decoder.caps.frame_bytes:
        raise WireError("an array arrived that is larger than the wire carries")
    return shape, count


def _decode_array(decoder: "Decoder", data: dict[str, Any], depth: int) -> np.ndarray:
    shape, count = _shape(decoder, data)
    array = _decode_raw(decoder, data, count).reshape(shape)
    if data.get("fixed") is True:
        array.flags.writeable = False
    return array


def _decode_objects(decoder: "Decoder", data: dict[str, Any], depth: int) -> np.ndarray:
    shape, count = _shape(decoder, data)
    values = decoder.sequence(data, depth)
    if len(values) != count:
        raise WireError("an array arrived whose size is not what it says")
    array = np.empty(count, dtype=object)
    for position, value in enumerate(values):
        array[position] = value
    return array.reshape(shape)


def _decode_column(decoder: "Decoder", data: Any, depth: int) -> pd.Series:
    if type(data) is not dict:
        raise WireError("a column arrived that is not well formed")
    dtype = decoder.text(data.get("dtype"), 100)
    if dtype == "object":
        values = decoder.sequence(data, depth)
        column = pd.Series(np.empty(len(values), dtype=object))
        for position, value in enumerate(values):
            column.array[position] = value
        return column
    if dtype == "category":
        codes = _numbers(decoder, data.get("codes"), depth)
        categories = _decode_index(decoder, data.get("categories"), depth)
        if codes.dtype.kind != "i":
            raise WireError("a column of categories arrived that is not well formed")
        ordered = data.get("ordered") is True
        return pd.Series(pd.Categorical.from_codes(codes, categories, ordered=ordered))
    if dtype == "period":
        ordinals = _numbers(decoder, data.get("ordinals"), depth)
        if ordinals.dtype != np.int64:
            raise WireError("a column of periods arrived that is not well formed")
        freq = frequency(decoder, data.get("freq"))
        return pd.Series(pd.arrays.PeriodArray(ordinals, dtype=pd.PeriodDtype(freq)))
    if dtype == "interval":
        left, right = (_decode_index(decoder, data.get(end), depth) for end in ("left", "right"))
        closed = side(decoder, data.get("closed"))
        return pd.Series(pd.arrays.IntervalArray.from_arrays(left, right, closed=closed))
    if not _COLUMN_DTYPE.fullmatch(dtype):
        raise WireError("a column arrived of a type that the wire does not carry")
    rows = decoder.integer(data.get("rows"), 0, decoder.caps.frame_bytes // 8)
    parts = [
        None if part is None else decoder.buffer(part) for part in decoder.items(data.get("parts"))
    ]
    return pd.Series(_from_arrow(parts, rows, dtype))


def _numbers(decoder: "Decoder", data: Any, depth: int) -> np.ndarray:
    if type(data) is not dict or data.get("t") != "array":
        raise WireError("a column arrived that is not well formed")
    array = _decode_array(decoder, data, depth)
    if array.ndim != 1:
        raise WireError("a column arrived that is not well formed")
    return array


def _from_arrow(parts: list[bytes | None], rows: int, dtype: str) -> Any:
    """Build a column from Arrow's plain buffers (Arrow columnar format, "Physical memory layout").

    Not from an Arrow file: those may be compressed, and hold types of their own.
    """
    arrow_type = pa.Array.from_pandas(pd.Series([], dtype=dtype)).type
    try:
        buffers = [None if part is None else pa.py_buffer(part) for part in parts]
        array = pa.Array.from_buffers(arrow_type, rows, buffers)
        array.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise WireError("a column arrived that is no sound Arrow data") from error
    target = pd.api.types.pandas_dtype(dtype)
    if hasattr(target, "__from_arrow__"):
        return target.__from_arrow__(array)
    return array.to_numpy(zero_copy_only=False).astype(target, copy=False)


def _decode_index(decoder: "Decoder", data: Any, depth: int) -> pd.Index:
    if type(data) is not dict:
        raise WireError("an index arrived that is not well formed")
    if data.get("kind") == "range":
        start, stop, step = (
            decoder.integer(n, -(2**53), 2**53) for n in decoder.items(data.get("v"))
        )
        return pd.RangeIndex(start, stop, step, name=decoder.value(data.get("name"), depth + 1))
    if data.get("kind") == "multi":
        names = [decoder.value(name, depth + 1) for name in decoder.items(data.get("names"))]
        levels = [
            _decode_index(decoder, level, depth) for level in decoder.items(data.get("levels"))
        ]
        codes = [_numbers(decoder, part, depth) for part in decoder.items(data.get("codes"))]
        if any(part.dtype.kind != "i" for part in codes):
            raise WireError("an index arrived that is not well formed")
        # Its own check, that each code has a level and all are of one length, is not left out.
        return pd.MultiIndex(levels=levels, codes=codes, names=names, verify_integrity=True)
    name = decoder.value(data.get("name"), depth + 1)
    column = _decode_column(decoder, data.get("v"), depth)
    # With its type: texts that stand in a column of objects stay there.
    made = pd.Index(column.array, name=name, dtype=column.dtype)
    if data.get("freq") is not None:
        if not isinstance(made, (pd.DatetimeIndex, pd.TimedeltaIndex)):
            raise WireError("an index arrived that is not well formed")
        made.freq = frequency(decoder, data["freq"])
    return made


def _decode_series(decoder: "Decoder", data: dict[str, Any], depth: int) -> pd.Series:
    name = decoder.value(data.get("name"), depth + 1)
    index = _decode_index(decoder, data.get("index"), depth)
    column = _decode_column(decoder, data.get("data"), depth)
    column.index = index
    column.name = name
    return column


def _decode_frame(decoder: "Decoder", data: dict[str, Any], depth: int) -> pd.DataFrame:
    columns = _decode_index(decoder, data.get("columns"), depth)
    index = _decode_index(decoder, data.get("index"), depth)
    series = [_decode_column(decoder, column, depth) for column in decoder.items(data.get("data"))]
    if len(series) != len(columns) or any(len(column) != len(index) for column in series):
        raise WireError("a table arrived whose parts do not fit together")
    # Numbered first: two columns of one name are allowed in a table, but not in a dict.
    frame = pd.DataFrame(dict(enumerate(series)), index=pd.RangeIndex(len(index)))
    frame.columns = columns
    frame.index = index
    return frame


DECODERS: dict[str, Callable[["Decoder", dict[str, Any], int], Any]] = {
    "scalar": lambda d, v, _: _decode_raw(d, v, 1)[0],
    "array": _decode_array,
    "objects": _decode_objects,
    "series": _decode_series,
    "frame": _decode_frame,
    "index": lambda d, v, depth: _decode_index(d, v.get("v"), depth),
    "column": lambda d, v, depth: _decode_column(d, v.get("v"), depth).array,
    "na": lambda d, v, _: pd.NA,
}
