"""How cells of a CSV file are spelled: which columns are text, and how new cells are written."""

import functools

#: Integers that are written back as they were; others, with leading zeros for example, are text.
INTEGER = r"^-?(?:0|[1-9][0-9]*)$"
LEADING_ZEROS = r"^[+-]?0[0-9]"

#: Decimal places up to which numbers are written with a fixed number of them, and are rounded.
MOST_FIXED, MOST_PLACES = 9, 15

#: Forms of dates, digits as 9, that Arrow writes itself.
ARROW_FORMS = ("9999-99-99", "9999-99-99 99:99:99")
#: Units of the fraction of a second, by its digits.
UNITS = ("s", "ms", "ms", "ms", "us", "us", "us", "ns", "ns", "ns")

TEXT = "text"
EXPONENT = "exponent"


def is_spelled(kind):
    """Whether cells of a type can be spelled in several ways."""
    import pyarrow as pa

    return (
        pa.types.is_boolean(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_timestamp(kind)
    )


def forms_of(cells, kind):
    """Forms of some cells.

    Parameters
    ----------
    cells : Array of str
        Text of a column, missing cells null.
    kind : DataType
        Its type.

    Returns
    -------
    set
        Of a boolean, its spellings; of a timestamp, its cells with 9 for each digit; of a float,
        numbers of decimal places and `EXPONENT`; `TEXT` where a number would not be written back.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_boolean(kind):
        return _different(cells)
    if pa.types.is_timestamp(kind):
        return _different(pc.replace_substring_regex(cells, r"[0-9]", "9"))
    if pa.types.is_integer(kind):
        return set() if _all(pc.match_substring_regex(cells, INTEGER)) else {TEXT}
    if _any(pc.match_substring_regex(cells, LEADING_ZEROS)):
        return {TEXT}
    mark = pc.find_substring(cells, ".")
    after = pc.subtract(pc.subtract(pc.utf8_length(cells), mark), 1)
    places = _different(pc.if_else(pc.less(mark, 0), 0, after))
    return places | ({EXPONENT} if _any(pc.match_substring_regex(cells, "[eE]")) else set())


def _different(cells):
    return {cell for cell in cells.unique().to_pylist() if cell is not None}


def _any(mask):
    import pyarrow.compute as pc

    return bool(pc.any(mask).as_py())


def _all(mask):
    import pyarrow.compute as pc

    return pc.all(mask).as_py() is not False


def is_text(forms, kind):
    """Whether a column has to be read as text, for its cells to be written back as they are."""
    import pyarrow as pa

    if pa.types.is_boolean(kind):
        return len({form.lower() for form in forms}) < len(forms)
    return TEXT in forms


def spelling_of(forms, kind):
    """A function that writes cells as those of the file are written.

    Parameters
    ----------
    forms : set
        Of all cells.
    kind : DataType
        Type of the column.

    Returns
    -------
    callable or None
        From an array to an array; None where Arrow writes them so.
    """
    import pyarrow as pa

    if pa.types.is_boolean(kind):
        named = {form.lower() in ("true", "1"): form for form in forms}
        return functools.partial(_named, named.get(True, "true"), named.get(False, "false"))
    if pa.types.is_timestamp(kind):
        form = next(iter(forms)) if len(forms) == 1 else ARROW_FORMS[0]
        return None if form in ARROW_FORMS else functools.partial(_dated, form)
    if not pa.types.is_floating(kind) or EXPONENT in forms or not forms:
        return None
    fixed = len(forms) == 1 and max(forms) <= MOST_FIXED
    return functools.partial(_rounded, max(forms), fixed) if max(forms) <= MOST_PLACES else None


def _named(yes, no, cells):
    import pyarrow.compute as pc

    return pc.if_else(cells, yes, no)


def _rounded(places, fixed, cells):
    """Numbers of so many decimal places at most; with `fixed`, of exactly so many."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rounded = pc.add(pc.round(cells, places), 0.0)  # no -0
    if not fixed:
        return rounded
    try:
        return rounded.cast(pa.decimal128(38, places), safe=False)
    except pa.ArrowInvalid:  # more digits than decimals have
        return rounded


def _dated(form, cells):
    """Times in the form of the file, such as ``9999-99-99T99:99:99.999Z``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    clock = form[11:].removesuffix("Z")
    if clock.rstrip("9") not in ("99:", "99:99:", "99:99:99."):
        return cells  # with an offset: Arrow writes the same time in UTC
    digits = len(clock.partition(".")[2])
    times = cells.cast(pa.timestamp(UNITS[digits]), safe=False)
    pattern = "%H:%M" if clock == "99:99" else "%H:%M:%S"
    texts = pc.strftime(times, format=f"%Y-%m-%d{form[10]}{pattern}")
    texts = pc.utf8_slice_codeunits(texts, 0, 11 + len(clock))
    return pc.binary_join_element_wise(texts, "Z" if form.endswith("Z") else "", "")
