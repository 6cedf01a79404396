"""Lazy frames as Parquet files: one snapshot of the query, which every pass reads."""

import contextlib
from os import PathLike

from ..exceptions import MissingExtraError
from ._formats import ParquetReader
from ._hidden import hidden_name

#: Types that engines write as floats, or so that pyarrow cannot read them.
TOO_WIDE = ("Int128", "UInt128")

#: Packages of dask collections, which narwhals knows as well.
DASK = ("dask", "dask_expr")

#: Types whose cells are text for samplers.
LEVELS = ("Enum", "Categorical", "String")


def lazy_frame(given):
    """A lazy frame as narwhals knows it.

    Parameters
    ----------
    given : path or lazy frame
        What a user gives.

    Returns
    -------
    narwhals LazyFrame or None
        None for a path.

    Raises
    ------
    MissingExtraError
        If it is no path, and narwhals is not installed.
    TypeError
        If it is something else, a table in memory for example.
    """
    if isinstance(given, str | PathLike):
        return None
    try:
        import narwhals as nw
    except ImportError:
        raise MissingExtraError(
            f"resample_dataset takes a path or a lazy frame, got {_kind(given)}. Lazy frames need "
            "narwhals: install it with `pip install 'skgensample[lazy]'`."
        ) from None
    if type(given).__module__.split(".")[0] not in DASK:
        frame = nw.from_native(given, pass_through=True)
        if isinstance(frame, nw.LazyFrame) and not frame.implementation.is_dask():
            return frame
    raise TypeError(
        f"resample_dataset takes a path or a lazy frame, got {_kind(given)}: use the sampler "
        "itself for tables in memory (`sampler.fit_resample(X, y)`) and DaskResampler for dask "
        "collections, or write the table to a file and give its path."
    )


def _kind(given):
    """Package and class of an object."""
    return f"{type(given).__module__.split('.')[0]} {type(given).__name__}".removeprefix(
        "builtins "
    )


def refuse_columns(schema, target):
    """Raise before the query runs, if its columns cannot be used.

    Parameters
    ----------
    schema : narwhals Schema
        Columns and types of the lazy frame.
    target : str
        Name of the column of labels.
    """
    if target not in schema:
        raise ValueError(f"The table has no column {target!r}: its columns are {list(schema)}.")
    wide = [name for name, kind in schema.items() if str(kind) in TOO_WIDE]
    if wide:
        raise ValueError(
            f"Columns {wide} have integers of 128 bits (HUGEINT, which sums of integers have in "
            "DuckDB), and no exact counterpart in Parquet: cast them to integers of 64 bits, to "
            "floats or to decimals."
        )


@contextlib.contextmanager
def snapshot(frame, schema, output):
    """The rows of a lazy frame in a hidden Parquet file next to the output, removed at the end.

    Parameters
    ----------
    frame : narwhals LazyFrame
        The query; its engine writes the file.
    schema : narwhals Schema
        Its columns and types.
    output : Path
        The output.

    Yields
    ------
    ParquetReader
    """
    with hidden_name(output, "given") as folder:
        folder.mkdir()
        path = folder / "given.parquet"
        frame.sink_parquet(str(path))
        if not path.exists():
            raise FileNotFoundError(
                "The engine of the lazy frame has written to another file system than this "
                "process sees: write Parquet there, and give the path of what was written."
            )
        reader = ParquetReader(path)
        _refuse_changes(schema, reader.schema)
        yield reader


def _refuse_changes(wanted, schema):
    """Raise if the engine has written a column as another type, in which cells may differ."""
    import narwhals as nw

    if schema.names != list(wanted):
        raise ValueError(
            f"The columns {list(wanted)} are {schema.names} in the Parquet file that the engine of "
            "the lazy frame writes: give each column a name of its own."
        )
    written = nw.from_native(schema.empty_table()).schema
    for name, kind in wanted.items():
        if not _is_kept(kind, written[name], schema.field(name).type):
            raise ValueError(
                f"Column {name!r} of type {kind} is {schema.field(name).type} in the Parquet file "
                "that its engine writes, which may change its cells: cast it first to a type that "
                f"Parquet has.{_hint(kind)}"
            )


def _is_kept(kind, written, arrow_type):
    """Whether a type holds the cells of another."""
    import narwhals as nw
    import pyarrow as pa

    if kind == nw.Unknown:
        return pa.types.is_null(arrow_type)
    if kind == nw.Binary:
        return pa.types.is_binary(arrow_type) or pa.types.is_large_binary(arrow_type)
    if kind == nw.Datetime:
        return written == nw.Datetime and (kind.time_zone is None) == (written.time_zone is None)
    return kind == written or {str(kind).split("(")[0], str(written).split("(")[0]} <= set(LEVELS)


def _hint(kind):
    """How Spark keeps the zone of times."""
    import narwhals as nw

    if kind != nw.Datetime:
        return ""
    return " In Spark set spark.sql.parquet.outputTimestampType to TIMESTAMP_MICROS."
