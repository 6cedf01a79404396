"""Codecs of pyarrow columns, for tables of pyarrow and for its types in pandas frames."""

import re

import numpy as np

from ._categories import CategoryCodec, observed, sorted_levels
from ._datetimes import TimeCodec, zoned
from ._shapes import is_instance

#: Digits of a decimal that float64 tells apart.
MAX_DIGITS = 15

#: Zones without a name, and ticks in a second.
FIXED = re.compile(r"([+-])(\d\d):?(\d\d)")
TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def arrow_numbers(column):
    """Numbers or bools of a column without missing cells."""
    values = column.to_numpy()
    return values.astype(bool) if values.dtype == object else values


def text_column(column):
    """Codec and codes of a column of text without missing cells."""
    words, codes = _dictionary(column.dictionary_encode())
    levels = np.array(words.to_pylist(), dtype=object)
    levels, codes = sorted_levels(levels, codes)
    return CategoryCodec(levels, text=True), codes


def dictionary_column(column):
    """Codec and codes of a dictionary column without missing cells, and its dictionary."""
    words, codes = _dictionary(column)
    found, rank = observed(codes)
    text = isinstance(words[int(found[0])].as_py(), str)
    return CategoryCodec(found, text=text), rank, words


def _dictionary(column):
    """Dictionary of all chunks, and codes in it."""
    import pyarrow as pa

    whole = column.unify_dictionaries() if isinstance(column, pa.ChunkedArray) else column
    whole = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    if isinstance(whole, pa.ChunkedArray):  # several chunks that cannot be combined, or none
        whole = pa.concat_arrays(whole.chunks)
    return whole.dictionary, whole.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def is_time(kind):
    """Whether a pyarrow type, or None, is one of dates, times or durations."""
    if kind is None:
        return False
    from pyarrow import types

    return types.is_temporal(kind) and not types.is_interval(kind)


def is_time_or_decimal(dtype):
    """Whether a dtype of pandas is pyarrow's for dates, times, durations or decimals."""
    kind = getattr(dtype, "pyarrow_dtype", None)
    if kind is None:
        return False
    from pyarrow import types

    return is_time(kind) or types.is_decimal(kind)


def arrow_times(column, name):
    """Codec and encoded values of a column of dates, times or durations without missing cells."""
    import pyarrow as pa

    kind = column.type
    unit = "D" if pa.types.is_date32(kind) else getattr(kind, "unit", "ms")
    ticks = _ticks(column)
    if getattr(kind, "tz", None):
        return zoned(ticks, _local_ticks(column), unit, name)
    codec = TimeCodec(ticks, unit, name)
    return codec, codec.encode(ticks)


def times_as_ticks(column):
    """Integers that stand for times without missing cells; for zoned ones local ones, too."""
    zoned_ones = [_local_ticks(column)] if getattr(column.type, "tz", None) else []
    return [_ticks(column), *zoned_ones]


def _local_ticks(column):
    """The integers that stand for times of the zone's own clock."""
    import pyarrow.compute as pc

    offset = _fixed_offset(column.type)
    return _ticks(pc.local_timestamp(column)) if offset is None else _ticks(column) + offset


def _fixed_offset(kind):
    """Ticks by which a zone such as "+01:00" is ahead of UTC; None for a zone with a name.

    The compute functions of pyarrow before version 17 know zones with a name only.
    """
    found = FIXED.fullmatch(kind.tz)
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    seconds = int(f"{sign}1") * (3_600 * int(hours) + 60 * int(minutes))
    return seconds * TICKS[kind.unit]


def _ticks(column):
    """The integers that stand for times."""
    short = column.type.bit_width == 32
    whole = column.cast("int32") if short else column.cast("int64")
    return np.ascontiguousarray(whole.to_numpy(), dtype=np.int64)


def to_times(codec, ticks, gap, kind):
    """Dates, times or durations of a type from ticks."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind.bit_width == 32:
        return pa.array(ticks.astype(np.int32), mask=gap).cast(kind)
    whole = pa.array(ticks, mask=gap)
    if not codec.wall:
        return whole.cast(kind)
    offset = _fixed_offset(kind)
    if offset is not None:
        return pa.array(ticks - offset, mask=gap).cast(kind)
    clock = whole.cast(pa.timestamp(kind.unit))
    return pc.assume_timezone(clock, kind.tz, ambiguous="earliest", nonexistent="latest")


class DecimalCodec:
    """Decimals as floats, decoded to whole units of the last place inside the observed range.

    Parameters
    ----------
    units : ndarray of shape (n,) of int64
        Values times a power of ten.
    places : int
        Its exponent.
    """

    def __init__(self, units, places):
        self.places, self.lo, self.hi = places, units.min(), units.max()

    @classmethod
    def fit_encode(cls, column, name):
        """Codec and encoded values of a column without missing cells."""
        import pyarrow as pa

        places = column.type.scale
        wide = pa.decimal128(38, places) if places >= 0 else None
        units = None if wide is None else _units(column.cast(wide))
        if units is None:
            raise TypeError(
                f"Column {name!r} has dtype {column.type} and values of more than {MAX_DIGITS} "
                "digits, or a negative scale: convert it to float64 first."
            )
        codec = cls(units, places)
        return codec, units / 10.0**places

    def decode(self, z):
        """Units of the last place, as int64."""
        return np.clip(np.rint(z * 10.0**self.places).astype(np.int64), self.lo, self.hi)

    def describe(self, width):
        fact = {"kind": "float", "decimals": self.places, "dtype": np.dtype(np.float64)}
        return [fact] * width


def _units(column):
    """Unscaled integers of a column of 128-bit decimals; None where 64 bits do not hold one."""
    parts = [np.empty((0, 2), np.int64)]
    for chunk in getattr(column, "chunks", [column]):
        words = np.frombuffer(chunk.buffers()[1], np.int64).reshape(-1, 2)
        parts.append(words[chunk.offset : chunk.offset + len(chunk)])
    low, high = np.concatenate(parts).T
    fits = np.array_equal(high, low >> 63) and (len(low) == 0 or np.abs(low).max() < 10**MAX_DIGITS)
    return np.ascontiguousarray(low) if fits else None


def to_decimals(units, gap, kind):
    """Decimals of a type from whole units of its last place."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = np.column_stack([units, units >> 63])
    data = pa.py_buffer(np.ascontiguousarray(words, dtype=np.int64))
    whole = pa.Array.from_buffers(pa.decimal128(38, kind.scale), len(units), [None, data])
    if gap is not None:
        whole = pc.if_else(pa.array(~gap), whole, pa.scalar(None, whole.type))
    return whole.cast(kind)


def is_arrow(values):
    """Whether something is a pyarrow array, in one piece or in several."""
    return is_instance(values, "pyarrow", "Array") or is_instance(values, "pyarrow", "ChunkedArray")


def extended_arrow(given, new):
    """A pyarrow array with the cells of a NumPy array after its own."""
    import pyarrow as pa

    kind = given.type
    words = kind.value_type if pa.types.is_dictionary(kind) else kind
    more = pa.array(new.tolist(), type=words)
    if pa.types.is_dictionary(kind):
        more = _coded(given, more)
    if isinstance(given, pa.ChunkedArray):
        return pa.chunked_array([*given.chunks, more], type=kind)
    return pa.concat_arrays([given, more])


def _coded(given, more):
    """Values of an array of a dictionary type, coded by its own dictionary."""
    import pyarrow as pa
    import pyarrow.compute as pc

    chunk = given.chunk(0) if isinstance(given, pa.ChunkedArray) else given
    words = chunk.dictionary
    if pc.any(pc.is_null(pc.index_in(more, words))).as_py():
        words = _dictionary(given)[0]
    codes = pc.index_in(more, words).cast(given.type.index_type)
    return pa.DictionaryArray.from_arrays(codes, words, ordered=given.type.ordered)
