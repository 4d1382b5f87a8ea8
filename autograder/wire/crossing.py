"""What crosses the wall and what does not, said once: for the page for authors, for messages and for tests."""

CROSSES = (
    ("None, True and False", "as they are"),
    ("int, float, complex, Decimal, Fraction", "as they are, NaN and infinities too"),
    ("str, bytes, bytearray", "as they are"),
    ("date, time, datetime, timedelta", "as they are, with their time zone"),
    ("list, tuple, set, frozenset, dict, range, slice", "as they are, at most 24 levels deep"),
    (
        "Counter, OrderedDict, defaultdict, deque",
        "as they are; a defaultdict with its own function as its dict",
    ),
    ("keys, values and items of a dict", "as they are"),
    ("named tuple, enumeration", "as one with the same names and values, without methods"),
    ("object of a data class", "its fields, as attributes; compares by them; no methods"),
    ("Path", "as PurePosixPath: a name, not a file"),
    ("StringIO, BytesIO", "as they are"),
    ("numpy array and number", "as they are; structured, masked and long double do not cross"),
    (
        "pandas Series, DataFrame, Index",
        "as they are, without `attrs`; also categories, periods, intervals, time zones, missing values",
    ),
    ("Timestamp, Timedelta, Period, Interval, NaT, NA", "as they are"),
    (
        "matplotlib Figure and Axes",
        "a description: titles, labels, scales, legend, lines, bars, points",
    ),
    (
        "function, method, lambda, partial, class",
        "a function that asks the trainee's; its name, text and parameters are known",
    ),
    (
        "generator, map, zip, other iterator",
        "an iterator that asks for more; at most 1,000,000 items",
    ),
    ("exception class", "a class that `except` and `raises` take"),
)
"""Pairs: what a name or an answer of the trainee may be, and what the test has of it."""

INSTEAD = {
    "DataFrameGroupBy": "the result, such as its sum,",
    "SeriesGroupBy": "the result, such as its sum,",
    "Rolling": "the result, such as its mean,",
    "DatetimeIndexResampler": "the result, such as its sum,",
    "Styler": "the table itself",
    "TextIOWrapper": "what stands in the file",
    "BufferedReader": "what stands in the file",
    "Response": "its text",
    "coroutine": "what a plain function gives back",
    "async_generator": "what a plain function gives back",
    "Pattern": "what it finds, as text",
    "Match": "what it found, as text",
    "Graph": "its edges, as a list of pairs",
    "DiGraph": "its edges, as a list of pairs",
    "masked array": "a plain array, with NaN where there is nothing",
}
"""What to ask for, or to give back, instead of some kinds that do not cross."""


def refusal(type_name: str) -> str:
    """Return the end of a sentence about something that does not cross."""
    if type_name == "module":
        return "a module. A check imports what it uses itself."
    needs = (
        "and this check needs plain data: a number, a text, a date, a list, a table or a function."
    )
    better = f" Give {INSTEAD[type_name]} instead." if type_name in INSTEAD else ""
    return f"{with_article(type_name)}, {needs}{better}"


def with_article(type_name: str) -> str:
    """Return "a module", "an Account"."""
    return f"{'an' if type_name[:1].lower() in {*'aeio'} else 'a'} {type_name}"
