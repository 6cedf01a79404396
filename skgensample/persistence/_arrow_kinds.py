"""Kinds of nodes: schemas of pyarrow, tables without a row, and arrays of levels."""

from ..exceptions import MissingExtraError, ModelFileError
from ._graph import Kind, checked
from ._pandas_kinds import is_of


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
    """Arrays of levels."""

    name = "arrow_array"

    def takes(self, value):
        return is_of(value, "pyarrow", "Array")

    def write(self, value, writer):
        schema = pyarrow().schema([("levels", value.type)])
        return [written_schema(schema), writer.value(value.to_pylist())]

    def read(self, content, reader):
        text, values = content
        pa, kind = pyarrow(), read_schema(text).field(0).type
        try:
            return pa.array(checked(reader.value(values), list), kind)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            raise ModelFileError("The model file has levels of another type.") from None


ARROW_KINDS = [ArrowSchema(), ArrowArray()]
