"""Kinds of nodes: polars dtypes, and frames and series without a row."""

from ..exceptions import MissingExtraError, ModelFileError
from ._graph import Kind, checked, is_of

#: Dtypes without further facts.
PLAIN = (
    "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32",
    "Float64", "Boolean", "String", "Date", "Time", "Null", "Object",
)  # fmt: skip
#: Attributes that are the facts of the others.
FACTS = {"Datetime": ("time_unit", "time_zone"), "Duration": ("time_unit",)}


def polars():
    """The package, which a model of a polars frame needs."""
    try:
        import polars
    except ImportError:
        raise MissingExtraError(
            "This model makes polars frames: install it with `pip install 'skgensample[polars]'`."
        ) from None
    return polars


class PolarsDtype(Kind):
    """Dtypes of polars, by name and facts."""

    name = "polars_dtype"

    def takes(self, value):
        # a dtype may be a class or an instance
        return is_of(value, "polars", "DataType") or is_of(value, "polars", "DataTypeClass")

    def write(self, value, writer):
        name = getattr(value, "__name__", None) or type(value).__name__
        if name in FACTS:
            return [name, writer.values(getattr(value, fact) for fact in FACTS[name])]
        if name == "Enum":
            return [name, [writer.value(value.categories.to_list())]]
        if name != "Categorical" and name not in PLAIN:
            raise TypeError(f"A column of dtype {value} cannot be saved in a model file.")
        return [name, []]

    def read(self, content, reader):
        name, facts = content
        if name not in (*PLAIN, *FACTS, "Enum", "Categorical"):
            raise ModelFileError("The model file has an unknown dtype of polars.")
        kind, facts = getattr(polars(), name), reader.values(facts)
        if name == "Enum":
            facts = [[checked(level, str) for level in facts[0]]]
        return kind(*facts) if facts else kind()


class PolarsFrame(Kind):
    """Frames and series without a row: names and dtypes."""

    name = "polars_empty"

    def takes(self, value):
        framed = is_of(value, "polars", "DataFrame") or is_of(value, "polars", "Series")
        return framed and not len(value)

    def write(self, value, writer):
        if is_of(value, "polars", "Series"):
            return ["series", writer.values([value.name, value.dtype])]
        return ["frame", writer.values([list(value.columns), list(value.dtypes)])]

    def read(self, content, reader):
        kind, facts = content
        pl, facts = polars(), reader.values(facts)
        if kind == "series":
            return pl.Series(facts[0], [], dtype=facts[1])
        return pl.DataFrame(schema=dict(zip(*facts)))


POLARS_KINDS = [PolarsDtype(), PolarsFrame()]
