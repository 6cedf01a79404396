"""Columns that identify people or rows: their values would leak into synthetic rows.

Names and contents are read, never kept or quoted. The rules and their limits stand in
doc/user_guide/tables.rst.
"""

import numpy as np

from ..exceptions import PersonalColumnsError
from ._categories import CategoryCodec
from ._columns import FloatCodec, IntegerCodec
from ._decimals import decimal_places
from ._looks import (
    is_card,
    is_email,
    is_hash,
    is_iban,
    is_ipv4,
    is_national_id,
    is_person_name,
    is_phone,
    mostly,
)
from ._naming import (
    CALLED,
    CONTACT,
    ORDINARY,
    is_detail,
    is_document,
    kind_of_name,
    names_people,
    numbers_people,
    words_in,
)
from ._people import DIFFERENT_TEXT, numbers_of_few, text_of_few
from ._spelled import spelled, whole_numbers

#: A column tells rows apart when more than this share of its values differ ...
IDENTIFIER_SHARE = 0.95

#: ... in at least so many rows.
MIN_ROWS = 20

#: Fewer levels than this are categories, whatever the column is called.
MIN_LEVELS = 20

#: A running number is told by its values from so many rows on: fewer may differ by chance ...
RUNNING_ROWS = 300

#: ... where its range is at most so many times as long as there are rows.
RUNNING_RANGE = 3

#: Rows that show most columns of numbers to repeat themselves.
FIRST_ROWS = 1_000

#: Levels that are hashes and have so many rows each, on average, are categories.
HASH_ROWS = 20

#: Levels of a column of text that are looked at.
LOOKED_AT = 1_000

#: Least value of an integer of seven digits, and of five.
SEVEN_DIGITS, FIVE_DIGITS = 10**6, 10**4

#: Seconds since 1970 that a clock of our days shows: the years 1990 to 2049.
CLOCK = (631_152_000, 2_524_607_999)


def personal_text(name, levels, n, *, few=False):
    """Why a column of text would leak, or None.

    Parameters
    ----------
    name : object
        Column name.
    levels : sequence of str
        Its distinct texts.
    n : int
        Number of cells that are not missing.
    few : bool, default=False
        Whether few people are people, too; see `text_of_few`.

    Returns
    -------
    reason : str or None
        Without any of the texts.
    """
    looked = [str(level).strip() for level in levels[:: max(1, len(levels) // LOOKED_AT)]]
    kind = _kind_of_text(looked)
    if kind is not None:
        return kind
    words = words_in(name)
    if len(levels) >= MIN_LEVELS:
        # "email campaign" names no contact, unless most cells differ
        detail = is_detail(words) or (CONTACT.intersection(words) and len(levels) > n / 2)
        if is_document(words) or (detail and not ORDINARY.intersection(words)):
            return "text under the name of a personal detail"
        if names_people(set(words)):
            return "text under the name of people's names"
        if numbers_people(name):
            return "text under the name of people's numbers"
    # hashes may hide a category's names: those of many rows each do
    if MIN_LEVELS <= len(levels) > n / HASH_ROWS and mostly(looked, is_hash):
        return "text that looks like UUIDs or hashes"
    if n >= MIN_ROWS and len(levels) > IDENTIFIER_SHARE * n:
        return DIFFERENT_TEXT
    if len(levels) >= MIN_LEVELS and len(levels) > n / 2 and mostly(looked, is_person_name):
        return "text that looks like people's names"
    return text_of_few(name, looked, n) if few else None


def _kind_of_text(looked):
    """What most of the texts look like: e-mail addresses, IBANs, card or phone numbers."""
    kinds = {
        "e-mail addresses": is_email,
        "IBANs": is_iban,
        "card numbers": is_card,
        "phone numbers": is_phone,
        "national identity numbers": is_national_id,
    }
    if len(looked) >= MIN_LEVELS:
        kinds["network addresses"] = is_ipv4
    for kind, match in kinds.items():
        if mostly(looked, match):
            return f"text that looks like {kind}"
    return None


def personal_numbers(name, steps, least, *, floats=False, rows=True):
    """Why a column of whole numbers would leak, or None.

    Parameters
    ----------
    name : object
        Column name.
    steps : ndarray of shape (n,)
        Distance of its cells, missing ones left out, to the smallest.
    least : number
        The smallest.
    floats : bool
        Whether they came as floats: then their length says nothing.
    rows : bool, default=True
        Whether numbers that tell rows apart count, too, and not only those of people.

    Returns
    -------
    reason : str or None
        Without any of the numbers.
    """
    if len(steps) < MIN_ROWS or least < 0:
        return None
    reason = _numbers_of_people(name, steps, least, floats)
    return reason or (_numbers_of_rows(name, steps, least, floats) if rows else None)


def personal_floats(name, z, *, rows=True):
    """The same for floats that are whole numbers, none of them missing."""
    if not len(z) or z.min() < 0:
        return None
    least = z.min().astype(np.float64)
    return personal_numbers(name, z - least, least, floats=True, rows=rows)


def _numbers_of_people(name, steps, least, floats):
    """Why numbers are those of people; some rows of a table show no more than all."""
    kind, values = kind_of_name(name), steps + float(least)
    if kind == "detail" and np.median(values) >= SEVEN_DIGITS and _are_many(steps):
        return "numbers under the name of a personal detail"
    if numbers_people(name) and least >= 1_000 and _are_many(steps) and _same_length(values + 1):
        return "numbers under the name of people's numbers"
    if not floats and least >= 10**12 and _are_cards(steps, least):
        return "numbers that look like card numbers"
    if kind == "quantity" or least < SEVEN_DIGITS or not CALLED.intersection(words_in(name)):
        return None
    if _same_length(values) and _are_many(steps) and not _is_time(values):
        return "long numbers under the name of contacts"
    return None


def _numbers_of_rows(name, steps, least, floats):
    """Why numbers tell rows apart, which takes all rows of a table to see."""
    n, kind, values = len(steps), kind_of_name(name), steps + float(least)
    lowest = {"entity": FIVE_DIGITS, "detail": SEVEN_DIGITS, "identifier": 0}.get(kind, np.inf)
    if np.median(values) >= lowest and len(np.unique(steps)) > IDENTIFIER_SHARE * n:
        return "a different number in nearly every row, under the name of an identifier"
    if kind == "quantity":
        return None
    if is_running(steps) and not _is_time(values):
        return "a running number: another one in nearly every row, of a range hardly longer"
    if floats or least < SEVEN_DIGITS or kind == "category":
        return None
    plain = _same_length(values) and not _is_time(values) and not _is_bell(values)
    if plain and len(np.unique(steps)) == n:
        return "a different long number in every row"
    return None


def _are_many(steps):
    """Whether there are so many different numbers that they are no kinds."""
    return len(np.unique(steps)) >= MIN_LEVELS


def is_running(steps):
    """Whether rows are numbered: nearly all whole numbers differ, and they fill their range.

    Draws that do not know of each other collide: of n out of a range of at most 3 n values,
    evenly drawn, one in seven at least would repeat another. Holes and order do not matter, nor
    does a common factor.

    Parameters
    ----------
    steps : ndarray of shape (n,)
        Distances to the smallest number.

    Returns
    -------
    bool
    """
    n, top = len(steps), steps.max()
    first = steps[:FIRST_ROWS]
    if n < RUNNING_ROWS or top >= 2**53 or len(np.unique(first)) <= IDENTIFIER_SHARE * len(first):
        return False
    steps = steps.astype(np.int64)
    if top >= RUNNING_RANGE * n:
        factor = int(np.gcd.reduce(steps))
        if top // factor >= RUNNING_RANGE * n:
            return False
        steps //= factor
    return np.count_nonzero(np.bincount(steps)) > IDENTIFIER_SHARE * n


def _are_cards(steps, least):
    """Whether nearly all of at least 20 numbers have Luhn's check digit."""
    different = np.unique(steps[:FIRST_ROWS])
    if len(different) < MIN_LEVELS or least + steps.max() >= 2**63:
        return False
    right = sum(is_card(str(int(least) + int(step))) for step in different)
    return right >= IDENTIFIER_SHARE * len(different)


def _same_length(values):
    """Whether nine in ten numbers have one number of digits: identifiers do, amounts do not."""
    length = np.floor(np.log10(values)).astype(np.intp)
    return np.bincount(length).max() >= 0.9 * len(values)


def _is_bell(values):
    """Whether most numbers lie in the middle half of their range, on a logarithmic scale.

    Revenues and populations of one length do; identifiers are spread evenly, or in clusters.
    """
    logs = np.log(values)
    lo, hi = logs.min(), logs.max()
    middle = np.abs(logs - (lo + hi) / 2) <= (hi - lo) / 4
    return middle.mean() > 2 / 3


def _is_time(values):
    """Whether all numbers are times of a clock since 1970, or dates written as 20180401.

    Hours, minutes and seconds may follow such dates.
    """
    lo, hi = values.min(), values.max()
    first, last = CLOCK
    if any(first * unit <= lo and hi <= last * unit for unit in (1, 10**3, 10**6, 10**9)):
        return True
    tail = next((t for t in (10**6, 10**4, 100, 1) if lo >= 19_000_101 * t), 1)
    if not 19_000_101 * tail <= lo <= hi < 21_001_232 * tail:
        return False
    month, day = np.divmod(values.astype(np.int64) // tail % 10_000, 100)
    return bool(((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).all())


def leak(name, codec, z, levels, numbers, *, few=False):
    """Why synthetic rows would give away who or what a column identifies, or None.

    Parameters
    ----------
    name : object
        Column name.
    codec : codec
        The column's.
    z : ndarray of shape (n,)
        Encoded cells, missing ones left out.
    levels : sequence or None
        Levels of a column of categories.
    numbers : {"all", "people"} or None
        Whose numbers count: of people and rows, or of people only. With None there are only
        categories to be copied.
    few : bool, default=False
        Whether columns of few rows or levels are looked at, too; see `text_of_few`.

    Returns
    -------
    reason : str or None
    """
    if isinstance(codec, CategoryCodec):
        if codec.text:
            return personal_text(name, levels, len(z), few=few)
        levels = np.asarray(levels)
        if levels.dtype.kind not in "iu" or not isinstance(name, str):
            return None
        steps, least = (levels - levels.min())[z.astype(np.intp)], int(levels.min())
        return personal_numbers(name, steps, least, rows=numbers != "people")
    if numbers is None or not len(z):
        return None
    rows = numbers == "all"
    if isinstance(codec, IntegerCodec) and codec.dtype.kind != "b":
        steps, least = z, int(codec.lo)
        reason = personal_numbers(name, steps, least, rows=rows)
        return reason or (numbers_of_few(name, steps, least) if few else None)
    if isinstance(codec, FloatCodec) and is_whole(codec, 0, z):
        return personal_floats(name, z, rows=rows)
    return None


def is_whole(codec, i, z):
    """Whether a column of floats, the i-th of its codec, holds whole numbers only.

    Parameters
    ----------
    codec : FloatCodec
        Knows it where a model learns the table.
    i : int
        Position of the column.
    z : ndarray of shape (n,)
        Its cells, NaN for missing ones.

    Returns
    -------
    bool
    """
    if codec.learned:
        return codec.decimals[i] == 0
    first = z[:MIN_ROWS]  # tells nearly all columns of measurements
    first = first[first == first]
    return bool((first == np.rint(first)).all()) and decimal_places(z) == 0


def column_fault(name, codec, z, levels, mode, named, numbers, *, few=False):
    """Why a column would leak, and what values it spells as text; None for each without fault.

    Parameters
    ----------
    name, codec, z, levels, numbers, few
        As of `leak`.
    mode : {"all", "auto", "text"} or None
        How the column is to be read; with None no text is taken.
    named : bool
        Whether the caller said that the column holds categories.

    Returns
    -------
    reason, kind : str or None
        See `leak` and `spelled`.
    """
    reason = leak(name, codec, z, levels, numbers, few=few)
    if not (isinstance(codec, CategoryCodec) and codec.text and reason in (None, DIFFERENT_TEXT)):
        return reason, None
    if named and not reason:
        return None, None
    kind = spelled(levels, len(z), few=mode is None)
    if kind is None:
        return reason, None
    values = whole_numbers(levels)
    if values is not None:  # a running number, spelled
        least = values.min()
        reason = personal_numbers(name, (values - least)[z.astype(np.intp)], int(least))
        if reason:
            return reason, None
    return None, kind


def refuse_personal(reasons, conversion=None):
    """Raise a `PersonalColumnsError` that names every column that would leak.

    Parameters
    ----------
    reasons : dict
        Column name -> reason, or None for columns without fault.
    conversion : str, default=None
        What to do about columns that spell values as text, where there are some.
    """
    reasons = {name: reason for name, reason in reasons.items() if reason}
    faults = []
    if reasons:
        faults.append(
            f"{PersonalColumnsError('', reasons).named}: such columns identify people or rows and "
            "would leak into synthetic ones. Drop them first, or have samplers fill them with "
            "invented values by personal='fake' or personal=FakeColumns(columns={name: kind}). A "
            "column that identifies nobody passes with schema={name: 'category'} or {name: "
            "'number'}; numbers pass in a frame under the name of a quantity, too, e.g. 'amount' "
            "or 'time'."
        )
    if conversion:
        faults.append(conversion)
    if faults:
        raise PersonalColumnsError(" ".join(faults), reasons, conversion)
