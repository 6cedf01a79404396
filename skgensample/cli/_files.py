"""Tables in files: CSV, Parquet and Feather, read and written in the same spelling and types."""

import json
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..exceptions import MissingExtraError
from ._csv import CsvFormat, read_csv
from ._expressions import no_column

__all__ = ["TableFile", "read_table", "replacing", "with_index", "write_rows", "write_table"]

_ARROW = {".parquet": "parquet", ".pq": "parquet", ".feather": "feather", ".arrow": "feather"}


@dataclass
class TableFile:
    """A table and how its file was written.

    Parameters
    ----------
    path : pathlib.Path
        File.
    frame : pandas.DataFrame of shape (n, d)
        Its rows.
    csv : CsvFormat, default=None
        Of a CSV file.
    schema : pyarrow.Schema, default=None
        Of a Parquet or Feather file.
    header : bool, default=True
        Whether the first line of a CSV file names the columns.
    """

    path: Path
    frame: Any
    csv: CsvFormat | None = None
    schema: Any = None
    header: bool = True

    @property
    def index(self):
        """Names of the columns that hold pandas' index, where the file is one of pandas."""
        notes = json.loads(((self.schema and self.schema.metadata) or {}).get(b"pandas", b"{}"))
        found = [name for name in notes.get("index_columns", ()) if isinstance(name, str)]
        return [name for name in found if name in self.schema.names]


def _kind(path):
    """Which kind of file the name says."""
    return _ARROW.get(Path(path).suffix.lower(), "csv")


def with_index(rows, given, names):
    """Add the columns that hold pandas' index, and put all columns in their order.

    Parameters
    ----------
    rows : pandas.DataFrame of shape (n, d)
        The given rows, then new ones, without the columns of the index.
    given : pandas.DataFrame of shape (n_given, d + len(names))
        The given rows, with them.
    names : list of str
        Columns of the index; new rows get further integers there, or missing cells.

    Returns
    -------
    pandas.DataFrame of shape (n, d + len(names))
    """
    import pandas as pd

    n_new = len(rows) - len(given)
    for name in names:
        cells = given[name]
        further = [None] * n_new
        if pd.api.types.is_integer_dtype(cells.dtype) and cells.notna().any():
            further = range(int(cells.max()) + 1, int(cells.max()) + 1 + n_new)
        further = pd.Series(further, dtype=cells.dtype)
        rows[name] = pd.concat([cells, further], ignore_index=True)
    return rows[list(given.columns)]


def read_table(path, *, header=True, drop=()):
    """Read a table.

    Parameters
    ----------
    path : str
        CSV, or by its suffix Parquet (.parquet, .pq) or Feather (.feather, .arrow).
    header : bool, default=True
        Whether the first line of a CSV file names the columns.
    drop : list of str, default=()
        Columns to leave out.

    Returns
    -------
    table : TableFile
        Frame and format.

    Raises
    ------
    ValueError
        If it is not a table in a file, or has no such column.
    MissingExtraError
        If pandas or pyarrow is not installed.
    """
    for package in ("pandas", "pyarrow") if _kind(path) != "csv" else ("pandas",):
        if find_spec(package) is None:
            raise MissingExtraError(
                f"Tables in files need {package}: install it with `pip install "
                "'skgensample[pandas]'`."
            )
    path = Path(path)
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "a pipe or a device"
        raise ValueError(f"{path} is {kind}: give the name of a file.")
    if _kind(path) == "csv":
        frame, found = read_csv(path, header=header)
        return TableFile(path, _without(frame, drop), csv=found, header=header)
    table = _read_arrow(path)
    import pandas as pd

    frame = table.to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)
    if not len(frame):
        raise ValueError(f"{path} has no row.")
    frame = _without(frame, drop)
    return TableFile(path, frame, schema=_schema_of(table, frame))


def _without(frame, drop):
    """The table without some columns."""
    for name in drop:
        if name not in frame.columns:
            raise ValueError(f"--drop: {no_column(name, frame)}")
    if drop and len(set(drop)) == frame.shape[1]:
        raise ValueError("--drop leaves no column.")
    return frame.drop(columns=list(drop)) if drop else frame


def _schema_of(table, frame):
    """Schema of the columns that are kept."""
    return table.select(list(frame.columns)).schema


def _read_arrow(path):
    import pyarrow as pa
    from pyarrow import feather, parquet

    read = parquet.read_table if _kind(path) == "parquet" else feather.read_table
    try:
        return read(path)
    except pa.ArrowException as error:
        cause = str(error).splitlines()[0]
        raise ValueError(f"{path} cannot be read as a table: {cause}") from None


@contextmanager
def replacing(path):
    """Give a temporary path that takes the place of `path` if all goes well.

    Parameters
    ----------
    path : path-like
        File to write.

    Yields
    ------
    temporary : pathlib.Path
        File in the same folder; removed after an error.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise ValueError(f"{path.parent} is not a folder: make it first.")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)  # mkstemp's files are for their owner only
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def write_table(frame, path, like):
    """Write a table, in the types and the spelling of the file that it comes from.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n, d)
        Rows.
    path : str or path-like
        File; its suffix says which kind.
    like : TableFile
        Where the columns come from.
    """
    with replacing(path) as temporary:
        if _kind(path) != "csv":
            _write_arrow(frame, temporary, _kind(path), like.schema)
            return
        found = like.csv or CsvFormat()
        text = found.text(frame, header=like.header)
        with open(temporary, "wb") as file:
            file.write(_encoded(text, found.encoding))


def write_rows(frame, n_given, path, like):
    """Write given rows followed by new ones; lines of a CSV file are copied as they are.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n, d)
        Given rows, then the new ones.
    n_given : int
        Number of given rows.
    path : str or path-like
        File; its suffix says which kind.
    like : TableFile
        The given table.
    """
    if like.csv is None or _kind(path) != "csv" or set(like.csv.spellings) - {*frame.columns}:
        write_table(frame, path, like)
        return
    with open(like.path, newline="", encoding=like.csv.encoding) as file:
        given = file.read()
    if not given.endswith("\n"):
        given += like.csv.line_end
    text = given + like.csv.text(frame.tail(len(frame) - n_given), header=False)
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(_encoded(text, like.csv.encoding))


def _encoded(text, encoding):
    """Bytes of a text, in UTF-8 where the encoding of the given file lacks a letter."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8")


def _write_arrow(frame, path, kind, schema):
    import pyarrow as pa
    from pyarrow import feather, parquet

    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    if schema is not None:  # pandas could not read what Arrow notes of types of its own
        table = table.replace_schema_metadata(_notes(schema.metadata, len(frame)))
    if kind == "parquet":
        parquet.write_table(table, path)
    else:
        feather.write_feather(table, path)


def _notes(metadata, n):
    """Metadata of a schema; pandas' note of a plain index is that of n rows."""
    notes = json.loads((metadata or {}).get(b"pandas", b"{}"))
    for index in notes.get("index_columns", ()):
        if isinstance(index, dict) and index.get("kind") == "range":
            index["stop"] = index["start"] + n * index["step"]
    return {**metadata, b"pandas": json.dumps(notes).encode()} if notes else metadata
