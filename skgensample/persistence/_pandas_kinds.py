"""Kinds of nodes: pandas dtypes, indexes, and frames and series without a row."""

from re import fullmatch
from zoneinfo import ZoneInfo

import numpy as np

from ..exceptions import MissingExtraError, ModelFileError
from ._arrow_kinds import pyarrow, read_schema, written_schema
from ._graph import Kind, checked, is_of

#: Names of pandas' own dtypes without further facts.
NULLABLE = r"U?Int(8|16|32|64)|Float(32|64)|boolean"
#: Types of Arrow that are written by their names; others in Arrow's own format.
ARROW = (
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "halffloat",
    "float", "double", "bool", "string", "large_string",
)  # fmt: skip


def pandas():
    """The package, which a model of a pandas frame needs."""
    try:
        import pandas
    except ImportError:
        raise MissingExtraError(
            "This model makes pandas frames: install it with `pip install 'skgensample[pandas]'`."
        ) from None
    return pandas


def _zone(tz):
    """A time zone, and whether it was one of pytz, which pandas 2 has; its name is kept."""
    name = getattr(tz, "zone", None)
    of_pytz = type(tz).__module__.startswith("pytz") and bool(name)
    return [ZoneInfo(name), True] if of_pytz else [tz]


def _zoned_dtype(unit, tz, of_pytz=False):
    """A dtype of zoned times; pandas makes its own zone of a name."""
    return pandas().DatetimeTZDtype(unit, tz.key if of_pytz else tz)


class PandasDtype(Kind):
    """Dtypes of pandas, by name and facts."""

    name = "pandas_dtype"

    def takes(self, value):
        return is_of(value, "pandas", "ExtensionDtype")

    def write(self, value, writer):
        kind = type(value).__name__
        facts = {
            "CategoricalDtype": lambda: [value.categories, bool(value.ordered)],
            "DatetimeTZDtype": lambda: [value.unit, *_zone(value.tz)],
            "SparseDtype": lambda: [value.subtype, value.fill_value],
            "IntervalDtype": lambda: [value.subtype, value.closed],
            "StringDtype": lambda: [value.storage, value.na_value],
            "ArrowDtype": lambda: _arrow_facts(value),
        }
        if kind in facts:
            return [kind, writer.values(facts[kind]())]
        if not fullmatch(NULLABLE, str(value)):
            raise TypeError(f"A column of dtype {value} cannot be saved in a model file.")
        return ["plain", [str(value)]]

    def read(self, content, reader):
        kind, facts = content
        facts = reader.values(facts)
        pd = pandas()
        if kind == "CategoricalDtype":
            checked(facts[0], pd.Index)
        if kind == "plain":
            if not fullmatch(NULLABLE, facts[0]):
                raise ModelFileError("The model file has an unknown dtype of pandas.")
            return pd.api.types.pandas_dtype(facts[0])
        return {
            "CategoricalDtype": pd.CategoricalDtype,
            "DatetimeTZDtype": _zoned_dtype,
            "SparseDtype": pd.SparseDtype,
            "IntervalDtype": pd.IntervalDtype,
            "StringDtype": _string_dtype,
            "ArrowDtype": _arrow_dtype,
        }[kind](*facts)


def _string_dtype(storage, na_value):
    """A dtype of text; before pandas 3 it has no choice of the missing cell."""
    pd = pandas()
    try:
        return pd.StringDtype(storage, na_value=na_value)
    except TypeError:
        return pd.StringDtype(storage)


def _arrow_facts(dtype):
    """The name of an Arrow type, or its schema where the name does not say all."""
    name, kind = str(dtype.pyarrow_dtype), dtype.pyarrow_dtype
    return [name] if name in ARROW else [None, written_schema(pyarrow().schema([("", kind)]))]


def _arrow_dtype(name, schema=None):
    """An Arrow dtype."""
    if schema is not None:
        return pandas().ArrowDtype(read_schema(schema).field(0).type)
    if name not in ARROW:
        raise ModelFileError("The model file has an unknown type of Arrow.")
    return pandas().ArrowDtype(pyarrow().type_for_alias(name))


class IndexKind(Kind):
    """Indexes: columns of a frame, and the categories of a dtype."""

    name = "pandas_index"

    def takes(self, value):
        return is_of(value, "pandas", "Index")

    def write(self, value, writer):
        pd = pandas()
        if isinstance(value, pd.MultiIndex):
            parts = [list(value.levels), [np.asarray(codes) for codes in value.codes]]
            return ["multi", writer.values([*parts, list(value.names)])]
        if isinstance(value, pd.RangeIndex):
            return ["range", writer.values([value.start, value.stop, value.step, value.name])]
        if isinstance(value, pd.IntervalIndex):
            parts = [value.left, value.right, value.closed]
        elif isinstance(value.dtype, np.dtype):
            parts = [value.to_numpy()]
        elif isinstance(value.dtype, pd.DatetimeTZDtype):
            parts = [value.tz_convert("UTC").tz_localize(None).to_numpy(), value.dtype]
        else:
            parts = [value.tolist(), value.dtype]
        kind = "interval" if isinstance(value, pd.IntervalIndex) else "plain"
        return [kind, writer.values([*parts, value.name])]

    def read(self, content, reader):
        kind, parts = content
        pd, (*parts, name) = pandas(), reader.values(parts)
        if kind == "multi":
            levels, codes = ([checked(one, pd.Index, np.ndarray) for one in part] for part in parts)
            return pd.MultiIndex(levels=levels, codes=codes, names=name)
        if kind == "range":
            return pd.RangeIndex(*parts, name=name)
        if kind == "interval":
            left, right = (checked(part, pd.Index) for part in parts[:2])
            return pd.IntervalIndex.from_arrays(left, right, parts[2], name=name)
        if len(parts) == 1:
            checked(parts[0], np.ndarray)
            return pd.Index(parts[0], dtype=parts[0].dtype, name=name)
        if isinstance(parts[1], pd.DatetimeTZDtype):
            return pd.DatetimeIndex(parts[0], name=name).tz_localize("UTC").tz_convert(parts[1].tz)
        if any(isinstance(value, list | tuple | dict | np.ndarray) for value in parts[0]):
            raise ModelFileError("The model file has an index of containers.")
        return pd.Index(pd.array(parts[0], dtype=parts[1]), name=name)


class MomentKind(Kind):
    """Timestamps, durations and intervals of pandas, as an index of one."""

    name = "pandas_moment"
    types = ("Timestamp", "Timedelta", "Interval")

    def takes(self, value):
        return type(value).__name__ in self.types and is_of(value, "pandas", type(value).__name__)

    def write(self, value, writer):
        pd = pandas()
        if isinstance(value, pd.Interval):
            return writer.value(pd.IntervalIndex([value]))
        return writer.value(pd.Index([value]))

    def read(self, content, reader):
        return checked(reader.value(content), pandas().Index)[0]


class MissingKind(Kind):
    """The missing values of pandas."""

    name = "pandas_missing"

    def takes(self, value):
        return type(value).__name__ in ("NAType", "NaTType") and is_of(
            value, "pandas", type(value).__name__
        )

    def write(self, value, writer):
        return type(value).__name__

    def read(self, content, reader):
        pd = pandas()
        return {"NAType": pd.NA, "NaTType": pd.NaT}[content]


class FrameKind(Kind):
    """Frames and series without a row: names and dtypes."""

    name = "pandas_empty"

    def takes(self, value):
        framed = is_of(value, "pandas", "DataFrame") or is_of(value, "pandas", "Series")
        return framed and not len(value)

    def write(self, value, writer):
        if is_of(value, "pandas", "Series"):
            return ["series", writer.values([value.dtype, value.name])]
        return ["frame", writer.values([list(value.dtypes), value.columns])]

    def read(self, content, reader):
        kind, facts = content
        pd, facts = pandas(), reader.values(facts)
        given = [facts[0]] if kind == "series" else facts[0]
        for dtype in given:
            checked(dtype, np.dtype, pd.api.extensions.ExtensionDtype)
        if kind == "series":
            return pd.Series([], dtype=facts[0], name=facts[1])
        made = pd.DataFrame({j: pd.Series([], dtype=dtype) for j, dtype in enumerate(facts[0])})
        made.columns = checked(facts[1], pd.Index)
        return made


PANDAS_KINDS = [PandasDtype(), IndexKind(), MomentKind(), MissingKind(), FrameKind()]
