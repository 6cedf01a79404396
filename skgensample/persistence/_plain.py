"""Kinds of nodes: containers, dates and NumPy's values."""

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from re import fullmatch
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from scipy import sparse

from ..exceptions import ModelFileError
from ._graph import Kind, checked
from ._tensors import TYPES

#: Types of arrays in a file: numbers, dates and text, none of objects and none with fields.
DTYPE = r"[<>|=][biuf]\d{1,2}|[<>|=][mM]8(\[\d{0,4}[a-zA-Zμ]{1,2}\])?|[<>|=][US]\d{1,6}|\|O"

#: Columns of a one-hot target, at most.
MOST_CLASSES = 1_000_000


class SequenceKind(Kind):
    """Lists, tuples and sets."""

    def __init__(self, kind):
        self.name, self.types = kind.__name__, (kind,)


class MappingKind(Kind):
    """Dicts, with keys of any kind and their order."""

    name, types = "dict", (dict,)

    def write(self, value, writer):
        return [writer.values(pair) for pair in value.items()]

    def read(self, content, reader):
        return dict(reader.values((key, value)) for key, value in content)


class SpecialFloat(Kind):
    """NaN and the infinities, which JSON has not."""

    name, types = "float", (float,)

    def write(self, value, writer):
        return repr(value)

    def read(self, content, reader):
        return {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}[content]


class RangeKind(Kind):
    """Ranges."""

    name, types = "range", (range,)

    def write(self, value, writer):
        return [value.start, value.stop, value.step]

    def read(self, content, reader):
        return range(*content)


class SliceKind(Kind):
    """Slices of ints."""

    name, types = "slice", (slice,)

    def write(self, value, writer):
        return writer.values([value.start, value.stop, value.step])

    def read(self, content, reader):
        return slice(*reader.values(content))


class TextForm(Kind):
    """Values that have a text from which they are made again."""

    def __init__(self, kind, to_text, from_text):
        self.name, self.types = kind.__name__, (kind,)
        self.to_text, self.from_text = to_text, from_text

    def write(self, value, writer):
        return self.to_text(value)

    def read(self, content, reader):
        return self.from_text(content)


class DurationKind(Kind):
    """Durations."""

    name, types = "timedelta", (timedelta,)

    def write(self, value, writer):
        return [value.days, value.seconds, value.microseconds]

    def read(self, content, reader):
        return timedelta(*content)


class ClockKind(Kind):
    """Datetimes and times of day, with their zone and fold."""

    def __init__(self, kind):
        self.name, self.types = kind.__name__, (kind,)

    def write(self, value, writer):
        return [value.replace(tzinfo=None).isoformat(), writer.value(value.tzinfo), value.fold]

    def read(self, content, reader):
        text, zone, fold = content
        found = self.types[0].fromisoformat(text)
        return found.replace(tzinfo=reader.value(zone), fold=fold)


class ZoneKind(Kind):
    """Fixed offsets from UTC."""

    name, types = "timezone", (timezone,)

    def write(self, value, writer):
        return writer.value(value.utcoffset(None))

    def read(self, content, reader):
        return timezone(reader.value(content))


def zone_named(key):
    """A time zone, whose name cannot be that of another file."""
    if not isinstance(key, str) or not fullmatch(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,3}", key):
        raise ModelFileError("The model file names a time zone that can be none.")
    return ZoneInfo(key)


class DtypeKind(Kind):
    """NumPy's types."""

    name = "dtype"

    def takes(self, value):
        return isinstance(value, np.dtype) and value.fields is None

    def write(self, value, writer):
        return value.str

    def read(self, content, reader):
        return dtype_named(content)


def dtype_named(text):
    """A NumPy type of those that a file may have."""
    if not isinstance(text, str) or not fullmatch(DTYPE, text):
        raise ModelFileError(f"The model file has an unknown type of numbers, {text!s:.40}.")
    return np.dtype(text)


class ArrayKind(Kind):
    """Arrays, in their own type and memory order."""

    name = "array"

    def takes(self, value):
        return type(value) is np.ndarray and value.dtype.fields is None

    def write(self, value, writer):
        turned = value.ndim > 1 and value.flags.f_contiguous and not value.flags.c_contiguous
        plain = np.ascontiguousarray(value.T if turned else value).reshape(
            value.shape[::-1] if turned else value.shape
        )
        fact = {"dtype": value.dtype.str, "turned": bool(turned)}
        if plain.dtype.kind in "OU":
            return {**fact, "shape": list(plain.shape), "values": writer.values(_texts(plain))}
        return {**fact, "shape": list(plain.shape), "data": writer.array(_as_numbers(plain))}

    def read(self, content, reader):
        dtype, shape = dtype_named(content["dtype"]), tuple(content["shape"])
        if "values" in content:
            found = np.empty(len(content["values"]), object)
            for i, value in enumerate(reader.values(content["values"])):
                found[i] = value  # one by one: a list in it is one cell
            if dtype.kind != "O":
                found = _text_array(found, dtype)
        else:
            found = _from_numbers(reader.array(content["data"]), dtype)
        found = found.reshape(shape)
        return found.T if content["turned"] else found


def _texts(array):
    """Cells of an array of objects or text, as Python objects."""
    return array.ravel().tolist()


def _text_array(cells, dtype):
    """An array of a text type; cells of another type are no text."""
    if dtype.kind != "U" or not all(type(cell) is str for cell in cells):
        raise ModelFileError("The model file has an array of text with other cells.")
    longest = max(map(len, cells), default=0)
    if dtype.itemsize > 4 * max(longest, 1):  # no memory beyond what the file holds
        return cells.astype(f"{dtype.str[0]}U{max(longest, 1)}")
    return cells.astype(dtype)


def _as_numbers(array):
    """The same memory as numbers that the file format knows."""
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if little.dtype.str in TYPES:
        return little
    if little.dtype.kind in "mM":
        return little.view("<i8")
    return np.frombuffer(little.tobytes(), np.uint8)  # long doubles, bytes


def _from_numbers(array, dtype):
    """An array of a type from the numbers in the file."""
    little = dtype.newbyteorder("<")
    if array.dtype != little:
        array = array.reshape(-1).view(little)
    return array.astype(dtype, copy=False)


class ScalarKind(Kind):
    """NumPy's scalars."""

    name = "scalar"

    def takes(self, value):
        return isinstance(value, np.generic) and value.dtype.kind in "biufUSmM"

    def write(self, value, writer):
        dtype = value.dtype.newbyteorder("<")
        if dtype.kind == "U":
            return [dtype.str, str(value)]
        return [dtype.str, np.asarray(value, dtype).tobytes().hex()]

    def read(self, content, reader):
        dtype = dtype_named(content[0])
        if dtype.kind == "U":
            return np.str_(content[1])
        return np.frombuffer(bytes.fromhex(content[1]), dtype)[0]


class RandomKind(Kind):
    """The state of a RandomState of Mersenne Twister, NumPy's default."""

    name = "RandomState"

    def takes(self, value):
        return type(value) is np.random.RandomState and value.get_state()[0] == "MT19937"

    def write(self, value, writer):
        return writer.values(value.get_state()[1:])

    def read(self, content, reader):
        key, place, has_gauss, gauss = reader.values(content)
        if not 0 <= place <= 624:
            raise ModelFileError("The model file has an invalid random state.")
        checked(key, np.ndarray)
        state = np.random.RandomState(0)
        state.set_state(("MT19937", key, place, has_gauss, gauss))
        return state


class SparseKind(Kind):
    """Sparse matrices without a row, the kind of a one-hot target."""

    name = "sparse"
    formats = {
        f"{form}_{kind}": getattr(sparse, f"{form}_{kind}")
        for form in ("csr", "csc", "coo", "lil", "dok", "bsr", "dia")
        for kind in ("matrix", "array")
    }

    def takes(self, value):
        return sparse.issparse(value) and value.shape[0] == 0

    def write(self, value, writer):
        return [type(value).__name__, value.shape[1], value.dtype.str]

    def read(self, content, reader):
        if not 0 < content[1] <= MOST_CLASSES:
            raise ModelFileError("The model file has a target of too many classes.")
        return self.formats[content[0]]((0, content[1]), dtype=dtype_named(content[2]))


PLAIN_KINDS = [
    *map(SequenceKind, (list, tuple, set, frozenset)),
    MappingKind(),
    ArrayKind(),
    SpecialFloat(),
    RangeKind(),
    SliceKind(),
    ScalarKind(),
    DtypeKind(),
    TextForm(bytes, bytes.hex, bytes.fromhex),
    TextForm(date, date.isoformat, date.fromisoformat),
    ClockKind(datetime),
    ClockKind(time),
    DurationKind(),
    ZoneKind(),
    TextForm(ZoneInfo, lambda zone: zone.key, zone_named),
    TextForm(Decimal, str, Decimal),
    TextForm(UUID, str, UUID),
    RandomKind(),
    SparseKind(),
]
