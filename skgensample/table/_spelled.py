"""Numbers and times that a column holds as text or as objects, and how to convert them."""

import re
from datetime import date, time, timedelta
from decimal import Decimal

import numpy as np

#: Fewer levels than this are codes, whatever they look like.
MIN_LEVELS = 20

#: So many levels of whole numbers without leading zeros are more than codes need ...
MANY_WHOLE = 100

#: ... and so are levels that differ in more than this share of the cells.
MANY_SHARE = 0.5

#: A column spells values when at least this share of its levels does: some may say "unknown".
SHARE = 0.95

#: Whole numbers of one length, from so many digits on, are codes: quantities vary in length.
CODE_LENGTH = 5

#: Levels that are looked at.
LOOKED_AT = 1_000

WHOLE = re.compile(r"[+-]?\d+")
NUMBER = re.compile(
    r"[+-]?[$€£]?\s?(\d+|\d{1,3}([,.' ]\d{3})+|(?=[.,]\d))([.,]\d+)?([eE][+-]?\d+)?\s?[%€$£]?"
)
_CLOCK = r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(\s?[AaPp][Mm])?(\s?(Z|UTC|[+-]\d{2}:?\d{2}))?"
_THEN = rf"([T ,]\s?{_CLOCK})?"
_MONTH = r"[A-Za-z]{3,9}\.?"
DECIMAL_COMMA = re.compile(r".*\d,(\d{1,2}|\d{4,})\D*")

#: What dates and times look like, by what they are called.
TIMES = {
    "dates": re.compile(
        rf"(\d{{4}}([-/.])\d{{1,2}}\2\d{{1,2}}|\d{{1,2}}[- ]{_MONTH}[- ]\d{{2,4}}"
        rf"|{_MONTH} \d{{1,2}},? \d{{4}}){_THEN}"
    ),
    "dates that begin with day or month": re.compile(
        rf"\d{{1,2}}([-/.])\d{{1,2}}\1(\d{{2}}|\d{{4}}){_THEN}"
    ),
    "times of day": re.compile(_CLOCK),
}


def spelled(levels, n, *, few=False):
    """What a column of text spells, or None where its levels are codes or words.

    Parameters
    ----------
    levels : sequence of str
        Its distinct texts.
    n : int
        Number of cells that are not missing.
    few : bool, default=False
        Whether few levels count, too: where text is not taken at all.

    Returns
    -------
    kind : str or None
        ``"numbers"``, ``"numbers with decimal commas"`` or one of `TIMES`.
        Decimals and times of at least 20 levels are values. Whole numbers are codes where they
        have leading zeros or five and more digits each; and unless they differ in most cells, or
        are of several lengths and at least 100 levels.
    """
    if len(levels) < MIN_LEVELS and not few:
        return None
    looked = [str(level).strip() for level in levels[:: max(1, len(levels) // LOOKED_AT)]]
    for kind, pattern in TIMES.items():
        if _nearly_all(looked, pattern):
            return kind
    if not _nearly_all(looked, NUMBER):
        return None
    whole = [text for text in looked if WHOLE.fullmatch(text)]
    if len(whole) < len(looked) / 2:
        commas = sum(map(bool, map(DECIMAL_COMMA.fullmatch, looked)))
        return "numbers with decimal commas" if commas > len(looked) / 3 else "numbers"
    lengths = {len(text) for text in whole}
    padded = any(len(text) > 1 and text.startswith("0") for text in whole)
    if padded or (len(lengths) == 1 and max(lengths) >= CODE_LENGTH):
        return None
    many = len(levels) > MANY_SHARE * n or (len(levels) >= MANY_WHOLE and len(lengths) > 1)
    return "numbers" if few or many else None


def _nearly_all(texts, pattern):
    """Whether almost all texts match, more than one of them."""
    return sum(map(bool, map(pattern.fullmatch, texts))) >= max(SHARE * len(texts), 1)


def whole_numbers(levels):
    """Levels as integers where all of them are such, without leading zeros; else None."""
    texts = [str(level).strip() for level in levels]
    if any(not WHOLE.fullmatch(text) or len(text) != len(str(int(text))) for text in texts):
        return None
    numbers = [int(text) for text in texts]
    return np.array(numbers) if max(map(abs, numbers)) < 2**53 else None


#: How a column is converted, by container and kind; the name stands for {}.
_DAY_FIRST = "dates that begin with day or month"
_COMMAS = "numbers with decimal commas"
CONVERSIONS = {
    "pandas": {
        "numbers": "pd.to_numeric(X[{}].str.replace(',', ''), errors='coerce')",
        _COMMAS: "pd.to_numeric(X[{}].str.replace('.', '').str.replace(',', '.'))",
        "dates": "pd.to_datetime(X[{}])",
        _DAY_FIRST: "pd.to_datetime(X[{}], dayfirst=True)",
        "times of day": "pd.to_datetime(X[{}], format='%H:%M')",
    },
    "polars": {
        "numbers": "pl.col({}).str.replace_all(',', '').cast(pl.Float64, strict=False)",
        _COMMAS: "pl.col({}).str.replace(',', '.').cast(pl.Float64, strict=False)",
        "dates": "pl.col({}).str.to_datetime()",
        _DAY_FIRST: "pl.col({}).str.to_date('%d.%m.%Y')",
        "times of day": "pl.col({}).str.to_time('%H:%M')",
    },
    "pyarrow": {
        "numbers": "pc.cast(pc.replace_substring(X[{}], ',', ''), 'float64')",
        _COMMAS: "pc.cast(pc.replace_substring(X[{}], ',', '.'), 'float64')",
        "dates": "pc.cast(X[{}], pa.timestamp('s'))",
        _DAY_FIRST: "pc.strptime(X[{}], '%d.%m.%Y', 's')",
        "times of day": "pc.cast(X[{}], pa.time32('s'))",
    },
    "array": {
        "numbers": "X[:, {}].astype(float)",
        _COMMAS: "X[:, {}].astype(float), with points",
        "dates": "pd.to_datetime(X[:, {}]), in a frame",
        _DAY_FIRST: "pd.to_datetime(X[:, {}], dayfirst=True), in a frame",
        "times of day": "pd.to_datetime(X[:, {}], format='%H:%M'), in a frame",
    },
}
#: Types of objects that a column may hold instead of a dtype of its own, by what they are.
OBJECTS = {
    "dates": (date, np.datetime64),
    "times of day": (time,),
    "durations": (timedelta, np.timedelta64),
    "decimals": (Decimal,),
}
#: How such a column is converted.
OBJECT_CONVERSIONS = {
    "pandas": {
        "dates": "pd.to_datetime(X[{}])",
        "times of day": "pd.to_timedelta(X[{}].astype('string'))",
        "durations": "X[{}].astype('timedelta64[us]')",
        "decimals": "X[{}].astype(float)",
        "periods": "X[{}].dt.to_timestamp()",
    },
    "polars": {
        **dict.fromkeys(OBJECTS, "pl.Series(X[{}].to_list())"),
        "decimals": "X[{}].cast(pl.Float64)",
    },
    "array": {
        "dates": "pd.to_datetime(X[:, {}]), in a frame",
        "times of day": "pd.to_timedelta(X[:, {}].astype(str)), in a frame",
        "durations": "pd.to_timedelta(X[:, {}]), in a frame",
        "decimals": "X[:, {}].astype(float)",
    },
}
#: How a column of codes is declared.
DECLARED = {
    "pandas": "astype('category')",
    "polars": "cast(pl.Categorical)",
    "pyarrow": "dictionary_encode()",
}


def conversion(kinds, container):
    """Sentence that says which columns spell values, and how to convert them.

    Parameters
    ----------
    kinds : dict
        Column name -> what it spells; at least one.
    container : {"pandas", "polars", "array"}
        Kind of table.

    Returns
    -------
    str
        Without any of the texts.
    """
    listed = ", ".join(f"{name!r} ({kind})" for name, kind in kinds.items())
    first, kind = next(iter(kinds.items()))
    noun, verb = ("Column", "holds") if len(kinds) == 1 else ("Columns", "hold")
    how = CONVERSIONS[container][kind].format(repr(first))
    codes = (
        f", or declare codes as such with {DECLARED[container]}" if container in DECLARED else ""
    )
    return f"{noun} {listed} {verb} values spelled as text: convert first, e.g. {how}{codes}."


def kind_of_objects(cells):
    """Which of `OBJECTS` all cells of a column are; None for text, numbers and anything else.

    Parameters
    ----------
    cells : ndarray of objects of shape (n,)
        Its cells, none of them missing.

    Returns
    -------
    kind : str or None
    """
    for kind, types in OBJECTS.items():
        if len(cells) and isinstance(cells[0], types):
            return kind if all(isinstance(cell, types) for cell in cells) else None
    return None


def object_conversion(name, dtype, kind, container):
    """Error text for a column of dates, decimals ... that are objects or Arrow's.

    Parameters
    ----------
    name, dtype : object
        Of the column.
    kind : str
        A key of `OBJECT_CONVERSIONS`.
    container : {"pandas", "polars", "array"}
        Kind of table.

    Returns
    -------
    str
        With the way out, and without any of the cells.
    """
    how = OBJECT_CONVERSIONS[container][kind].format(repr(name))
    return f"Column {name!r} has dtype {dtype} and holds {kind}: convert it first, e.g. {how}."
