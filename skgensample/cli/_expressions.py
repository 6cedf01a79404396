"""Conditions and constraints as text: ``age >= 30``, ``total = a + b``."""

import re

from .._suggestions import did_you_mean

__all__ = ["condition_of_text", "conditions_of", "constraint_of_text", "matching", "no_column"]

_CONDITION = "give COLUMN=VALUE, COLUMN=A|B, COLUMN=LOW..HIGH, COLUMN>=LOW or COLUMN<=HIGH"
_CONSTRAINT = (
    "give 'a <= b', 'a < b', '18 <= age <= 100', 'total = a + b - c', 'unique(id)', "
    "'together(city, country)' or 'onehot(a, b, c)'"
)
_CALLS = {"unique": "Unique", "together": "FixedCombinations", "onehot": "OneHot"}


def conditions_of(texts, frame):
    """Conditions of several options, by column.

    Parameters
    ----------
    texts : list of str
        One condition each.
    frame : pandas.DataFrame
        Table whose columns are meant.

    Returns
    -------
    conditions : dict
        As `synthesize` takes them.

    Raises
    ------
    ValueError
        If one cannot be read, names no column, or a column has two.
    """
    conditions = {}
    for text in texts:
        name, wanted = condition_of_text(text, frame)
        if name in conditions:
            wanted = _both(name, conditions[name], wanted)
        conditions[name] = wanted
    return conditions


def _both(name, one, other):
    """Two half-open intervals as one."""
    if not (isinstance(one, tuple) and isinstance(other, tuple)):
        raise ValueError(f"Two conditions on {name!r}: give one, such as {name}=A|B.")
    ends = [[end for end in pair if end is not None] for pair in zip(one, other)]
    if any(len(found) > 1 for found in ends):
        raise ValueError(f"Two conditions on the same end of {name!r}: give one.")
    return tuple(found[0] if found else None for found in ends)


def matching(frame, conditions):
    """Rows of a table that satisfy conditions.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n, d)
        Table.
    conditions : dict
        From `conditions_of`.

    Returns
    -------
    frame : pandas.DataFrame
        Those rows.
    """
    for name, wanted in conditions.items():
        column = frame[name]
        if isinstance(wanted, tuple):
            low, high = wanted
            found = column.notna()
            found &= True if low is None else column >= low
            found &= True if high is None else column <= high
        else:
            found = column.isin(wanted if isinstance(wanted, list) else [wanted])
        frame = frame[found.fillna(False).astype(bool)]
    return frame


def condition_of_text(text, frame):
    """Column and condition of one option.

    Parameters
    ----------
    text : str
        Such as ``"Job type=management"``.
    frame : pandas.DataFrame
        Table whose column is meant.

    Returns
    -------
    name : str
        The column.
    wanted : object
        A value, a list of values or an interval.

    Raises
    ------
    ValueError
        If it cannot be read or names no column.
    """
    name = _leading_column(text, frame)
    match = re.fullmatch(r"\s*(>=|<=|==?)\s*(.+?)\s*", text.strip()[len(name) :], re.DOTALL)
    if not match:
        raise ValueError(f"The condition {text!r} cannot be read: {_CONDITION}.")
    sign, value = match.groups()
    column = frame[name]
    if sign == ">=":
        return name, (_value(value, column), None)
    if sign == "<=":
        return name, (None, _value(value, column))
    ends = value.split("..")
    if len(ends) == 2:
        return name, tuple(_value(end.strip(), column) if end.strip() else None for end in ends)
    levels = [_value(part.strip(), column) for part in value.split("|")]
    return name, levels if len(levels) > 1 else levels[0]


def _leading_column(text, frame):
    """The longest column name that a text begins with."""
    text = text.strip()
    names = [name for name in map(str, frame.columns) if text.startswith(name)]
    if names:
        return max(names, key=len)
    raise ValueError(no_column(re.split(r"[<>=]", text)[0].strip(), frame))


def no_column(name, frame):
    """The sentence that refuses a column's name.

    Parameters
    ----------
    name : str
        What was asked for.
    frame : pandas.DataFrame
        Table that has no such column.

    Returns
    -------
    sentence : str
        With the name that was probably meant.
    """
    end = did_you_mean(name, map(str, frame.columns), "; `skgensample schema` lists the columns.")
    return f"The table has no column {name!r}{end}"


def _value(text, column):
    """A value as cells of the column are."""
    import pandas as pd

    try:
        if pd.api.types.is_bool_dtype(column.dtype):
            return {"true": True, "false": False, "1": True, "0": False}[text.lower()]
        if pd.api.types.is_integer_dtype(column.dtype):
            number = float(text)
            return int(number) if number.is_integer() else number
        if pd.api.types.is_numeric_dtype(column.dtype):
            return float(text)
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            return pd.Timestamp(text)
    except (ValueError, KeyError):
        raise ValueError(
            f"{text!r} is no value of column {column.name!r}, which holds {column.dtype}."
        ) from None
    return text


def constraint_of_text(text, frame):
    """A constraint of one option.

    Parameters
    ----------
    text : str
        Such as ``"start <= end"``.
    frame : pandas.DataFrame
        Table whose columns are meant.

    Returns
    -------
    constraint : object
        One of `skgensample.constraints`.

    Raises
    ------
    ValueError
        If it cannot be read or names no column.
    """
    from .. import constraints

    call = re.fullmatch(r"\s*(\w+)\s*\((.*)\)\s*", text)
    if call and call[1].lower() in _CALLS:
        names = [_column(name, frame) for name in call[2].split(",")]
        kind = getattr(constraints, _CALLS[call[1].lower()])
        if kind is constraints.Unique:
            if len(names) > 1:
                raise ValueError(
                    f"The constraint {text!r} cannot be read: unique takes one column."
                )
            return kind(names[0])
        return kind(names)
    parts = [part.strip() for part in re.split(r"(<=|>=|==|<|>|=)", text)]
    if len(parts) == 5 and parts[1] == parts[3] == "<=":
        name = _column(parts[2], frame)
        ends = (_value(part, frame[name]) for part in (parts[0], parts[4]))
        return constraints.Range(name, *ends)
    if len(parts) != 3:
        raise ValueError(f"The constraint {text!r} cannot be read: {_CONSTRAINT}.")
    left, sign, right = parts
    name = _column(left, frame)
    if sign in ("=", "=="):
        return _sum(name, right, frame)
    if right in map(str, frame.columns):
        return constraints.Inequality(name, sign, right)
    return constraints.Inequality(name, sign, _number_or_refuse(right, frame, name))


def _sum(total, right, frame):
    """An equation ``total = a + b - c``; a minus stands between spaces, or first."""
    from ..constraints import LinearSum

    if right in map(str, frame.columns):
        return LinearSum(total, [right])
    minus = right.startswith("-")
    parts = re.split(r"(\+|\s-\s)", right.removeprefix("-"))
    signs = [-1 if minus else 1, *(1 if sign == "+" else -1 for sign in parts[1::2])]
    names = [_column(part, frame) for part in parts[::2]]
    return LinearSum(total, names, weights=None if min(signs) > 0 else signs)


def _number_or_refuse(text, frame, name):
    """The right side of an inequality: a value of the left side's column."""
    try:
        return _value(text, frame[name])
    except ValueError:
        raise ValueError(no_column(text, frame)) from None


def _column(name, frame):
    name = name.strip()
    if name not in map(str, frame.columns):
        raise ValueError(no_column(name, frame))
    return name
