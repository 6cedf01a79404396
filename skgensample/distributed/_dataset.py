"""`resample_dataset`: files and lazy frames that do not fit in memory."""

import contextlib
import os
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from .._runtime.memory import parse_bytes, resident_memory
from .._typing import LazyTable
from ..base import plain_label
from ..exceptions import MemoryLimitError, MissingExtraError
from ._arrow_rows import ArrowRows, row_bytes
from ._formats import format_of, reader_of, writer_of
from ._hidden import completed
from ._lazy import lazy_frame, refuse_columns, snapshot
from ._reader import Reader, checked_needs
from ._source import BatchSource
from ._split import Split
from ._training import Trained

#: A batch takes so small a part of the memory: copies, encodings and searches of it need the rest.
BATCH_PART = 16

#: Rows of a batch, at least and at most.
BATCH_ROWS = (1_024, 1_000_000)

#: Bytes without which no work is possible, besides those that the process already has.
LEAST_MEMORY = 64_000_000


@dataclass(frozen=True)
class DatasetResult:
    """What `resample_dataset` has written.

    Parameters
    ----------
    output : Path
        The file or folder.
    n_given : int
        Number of given rows in it.
    n_new : dict
        Number of new rows of each class.
    sampler : sampler
        The fitted sampler.
    """

    output: Path
    n_given: int
    n_new: dict[Any, int]
    sampler: Any


def resample_dataset(
    table: str | PathLike[str] | LazyTable,
    output: str | PathLike[str],
    *,
    target: str,
    sampler: Any,
    memory: str | int = "1GB",
    max_rows: int | None = None,
) -> DatasetResult:
    """Resample a file or lazy frame, in bounded memory, with the rows of the sampler in memory.

    The table is read in batches, two to four times: class counts first, then the rows that the
    sampler reads (see `DaskResampler`). Given rows are copied through, and new ones appended in
    pieces.

    Parameters
    ----------
    table : str, path or lazy frame
        A Parquet file (.parquet), a folder of them, a Feather file (.feather, .arrow) or a CSV
        file (.csv, in UTF-8, with a header); or a lazy frame that narwhals knows: a polars
        LazyFrame, a DuckDB relation, a PySpark DataFrame, a narwhals LazyFrame.
    output : str or path
        Where the result is written: a file of one of these formats, or, without a suffix, a folder
        of Parquet files. A file of that name is replaced when the result is complete; a folder
        must not exist. Until then the result has a hidden name in the same folder.
    target : str
        Name of the column of labels.
    sampler : sampler
        An unfitted sampler of this package, with an int or None as `random_state`.
    memory : str or int, default="1GB"
        Memory that the process may take, what it has already included.
    max_rows : int, default=None
        For generators that train on all classes: train on a stratified sample of so many rows.

    Returns
    -------
    DatasetResult
        What was written.

    Raises
    ------
    MissingExtraError
        If pyarrow or pandas is not installed, or narwhals for a lazy frame.
    FileNotFoundError, FileExistsError, PermissionError
        If there is nothing to read, a folder or something else of the output's name that it cannot
        replace, or no folder to write to.
    ValueError, TypeError
        If the table or a parameter is not usable; for tables in memory and dask collections, too.
    MemoryError
        If the rows that the sampler reads do not fit into `memory`; nothing is written then.

    Notes
    -----
    Parquet: row groups are copied one by one; a folder's files byte by byte, if the output is a
    folder. CSV: the given bytes are copied. A killed run leaves a hidden file, which the next run
    with the same output removes.

    Lazy frames: the query runs once. Its engine writes the rows, in batches, into a hidden Parquet
    file next to the output, which all passes read and which is removed at the end. So every pass
    sees the same rows in the same order, even if the query would give others the next time; for
    the same rows from a seed on every run, the query needs an order of its own (ORDER BY in
    DuckDB and Spark). The file takes as much space as the given rows do. `memory` does not bound
    the engine; what it holds after the query counts. Errors of the query are the engine's own.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import NumbaSMOTE
    >>> from skgensample.distributed import resample_dataset
    >>> X, y = make_classification(n_samples=1000, weights=[0.95], random_state=0)
    >>> frame = pd.DataFrame(X).add_prefix("V").assign(Class=y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     given, balanced = Path(folder, "cards.parquet"), Path(folder, "balanced.parquet")
    ...     frame.to_parquet(given)
    ...     done = resample_dataset(
    ...         given,
    ...         balanced,
    ...         target="Class",
    ...         sampler=NumbaSMOTE(random_state=0),
    ...         memory="8GB",
    ...     )
    ...     len(pd.read_parquet(balanced))
    1892
    """
    _require_arrow()
    lazy, result_path = lazy_frame(table), Path(output)
    bound = parse_bytes(memory)
    _room(bound)
    kind = _checked_output(result_path)
    opened = _snapshot if lazy is not None else _file
    with opened(table if lazy is None else lazy, result_path, target, sampler, max_rows) as given:
        arrow = ArrowRows(given.schema, target)
        room = _room(bound)
        n_batch = _batch_rows(room, given.schema)
        source = BatchSource(lambda: _frames(given, arrow, n_batch))
        reader = Reader(source, Split(target), sampler, max_rows, room // 2)
        trained = Trained(reader, reader.core())
        return _written(result_path, kind, given, arrow, reader, trained, n_batch)


@contextlib.contextmanager
def _file(path, output, *_):
    """Reader of a file or folder."""
    path = Path(path)
    if output.exists() and path.exists() and output.samefile(path):
        raise ValueError("output is the file that is read: give another name.")
    if path.is_dir() and path.resolve() in output.resolve().parents:
        raise ValueError("output lies in the folder that is read: give another place.")
    yield reader_of(path)


@contextlib.contextmanager
def _snapshot(lazy, output, target, sampler, max_rows):
    """Reader of the rows of a lazy frame, whose query runs once all else is found to be usable."""
    schema = lazy.collect_schema()
    refuse_columns(schema, target)
    checked_needs(sampler, max_rows)
    with snapshot(lazy, schema, output) as reader:
        yield reader


def _batch_rows(room, schema):
    """Rows of a batch."""
    least, most = BATCH_ROWS
    return min(max(room // BATCH_PART // row_bytes(schema), least), most)


def _written(output, kind, given, arrow, reader, trained, n_batch):
    """Write given and new rows."""
    n_given = reader.survey.n_rows if trained.keeps_given else 0
    n_new = {plain_label(label): n for label, n in trained.counts.items() if n}
    schema = arrow.extended(n_given + sum(n_new.values()))
    with completed(output, kind) as hidden:
        writer = writer_of(hidden, kind, given, schema)
        try:
            if trained.keeps_given:
                writer.copy(n_batch)
            _write_new(writer, arrow, trained)
        finally:
            writer.close()
    return DatasetResult(output, n_given, n_new, trained.sampler)


def _frames(given, arrow, n_batch):
    """Batches as frames."""
    import pyarrow as pa

    for batch in given.batches(n_batch):
        if batch.num_rows:
            yield arrow.frame(batch)
            pa.default_memory_pool().release_unused()


def _write_new(writer, arrow, trained):
    """Append all new rows, piece by piece."""
    n = 0
    for recipe, pieces in trained.recipes():
        for piece in pieces:
            writer.write(arrow.table(recipe(piece), recipe.label, n))
            n += piece.n


def _require_arrow():
    """Raise if pyarrow or pandas is not installed."""
    try:
        import pandas  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            "resample_dataset needs pandas and pyarrow: install them with "
            "`pip install 'skgensample[pandas]'`."
        ) from None


def _room(memory):
    """Bytes left of those that the process may take."""
    taken = resident_memory()
    if memory - taken < LEAST_MEMORY:
        raise MemoryLimitError(
            f"memory={memory:,} bytes: the process has taken {taken:,} already, and at least "
            f"{LEAST_MEMORY:,} more are needed: give more memory."
        )
    return memory - taken


def _checked_output(output):
    """Format of the output; raise if it cannot be written, before anything is read."""
    if output.is_dir():
        raise FileExistsError(f"The folder {str(output)!r} exists: give another name.")
    if output.exists() and (format_of(output) == "folder" or not output.is_file()):
        kind = "a file" if output.is_file() else "a pipe or a device"
        raise FileExistsError(f"{str(output)!r} is {kind}: give another name.")
    if not output.absolute().parent.is_dir():
        raise FileNotFoundError(f"There is no folder {str(output.absolute().parent)!r}.")
    if not os.access(output.absolute().parent, os.W_OK):
        raise PermissionError(
            f"The folder {str(output.absolute().parent)!r} cannot be written to: give another."
        )
    return format_of(output)
