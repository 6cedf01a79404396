"""Kinds of nodes: schemas of pyarrow, tables without a row, and arrays of levels."""

from ..exceptions import MissingExtraError, ModelFileError
from ._graph import Kind, checked, is_of


def pyarrow():
    """The package, which a model of a pyarrow Table needs."""
    try:
        import pyarrow
    except ImportError:
        raise MissingExtraError(
            "This model makes pyarrow Tables: install it with `pip install 'skgensample[pandas]'`."
        ) from None
    return pyarrow


def written_schema(schema):
    """A schema in Arrow's own format, as text."""
    return schema.serialize().to_pybytes().hex()


def read_schema(text):
    """The schema of a text."""
    pa = pyarrow()
    try:
        return pa.ipc.read_schema(pa.py_buffer(bytes.fromhex(checked(text, str))))
    except (pa.ArrowException, ValueError, OSError):
        raise ModelFileError("The model file has a damaged schema of pyarrow.") from None


class ArrowSchema(Kind):
    """Schemas, and tables without a row."""

    name = "arrow_schema"

    def takes(self, value):
        empty = is_of(value, "pyarrow", "Table") and not len(value)
        return empty or is_of(value, "pyarrow", "Schema")

    def write(self, value, writer):
        is_table = is_of(value, "pyarrow", "Table")
        return [is_table, written_schema(value.schema if is_table else value)]

    def read(self, content, reader):
        is_table, text = content
        schema = read_schema(text)
        return schema.empty_table() if is_table else schema


class ArrowArray(Kind):
    """Arrays of levels, in one piece or in several; those of a dictionary with all its words."""

    name = "arrow_array"

    def takes(self, value):
        return is_of(value, "pyarrow", "Array") or is_of(value, "pyarrow", "ChunkedArray")

    def write(self, value, writer):
        schema = pyarrow().schema([("levels", value.type)])
        text = written_schema(schema)
        if is_of(value, "pyarrow", "ChunkedArray"):
            return [text, writer.value(value.chunks), "chunks"]
        if is_of(value, "pyarrow", "DictionaryArray"):
            parts = [value.indices.to_pylist(), value.dictionary]
            return [text, writer.value(parts), "dictionary"]
        return [text, writer.value(value.to_pylist())]

    def read(self, content, reader):
        text, values, *form = content
        pa, kind = pyarrow(), read_schema(text).field(0).type
        values = checked(reader.value(values), list)
        try:
            if form == ["chunks"]:
                return pa.chunked_array([checked(one, pa.Array) for one in values], kind)
            if form == ["dictionary"]:
                codes, words = values
                checked(words, pa.Array)
                codes = pa.array(checked(codes, list), kind.index_type)
                made = pa.DictionaryArray.from_arrays(codes, words, ordered=kind.ordered)
                return checked(made, pa.Array).cast(kind)
            return pa.array(values, kind)
        except (pa.ArrowException, AttributeError, TypeError, ValueError, OverflowError):
            raise ModelFileError("The model file has levels of another type.") from None


ARROW_KINDS = [ArrowSchema(), ArrowArray()]
