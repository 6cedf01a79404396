"""Parquet and Feather files: record batches in, record batches out; which format a file has."""

import contextlib
import shutil
from pathlib import Path

from ._csv_files import CsvReader, CsvWriter
from ._writing import Writer

#: Bytes that a Parquet reader buffers of each column.
BUFFER = 1 << 20

SUFFIXES = {".parquet": "parquet", ".pq": "parquet", ".feather": "feather", ".arrow": "feather",
            ".csv": "csv"}  # fmt: skip


def format_of(path):
    """Name of a file's format, told by its suffix; a folder is one of Parquet files."""
    path = Path(path)
    if path.is_dir() or not path.suffix:
        return "folder"
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise ValueError(
            f"{path.name} is of no known format: the suffixes {', '.join(SUFFIXES)} are, and "
            "folders of Parquet files."
        )
    return kind


def reader_of(path):
    """Reader of a file or folder.

    Parameters
    ----------
    path : Path
        What is read.

    Returns
    -------
    ParquetReader, FeatherReader or CsvReader
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"There is no file or folder {str(path)!r}.")
    if not (Path(path).is_file() or Path(path).is_dir()):
        raise ValueError(
            f"{str(path)!r} is a pipe or a device, and is read several times: write it to a file "
            "first."
        )
    kinds = {"csv": CsvReader, "feather": FeatherReader}
    return kinds.get(format_of(path), ParquetReader)(Path(path))


class ParquetReader:
    """One Parquet file, or the files of a folder in the order of their names."""

    def __init__(self, path):
        self.root, self.files = path, [path]
        if path.is_dir():
            found = sorted(file for file in path.rglob("*.parquet") if _is_visible(file, path))
            if any("=" in part for file in found for part in file.relative_to(path).parts[:-1]):
                raise ValueError(
                    f"The folder {path.name} keeps columns in the names of its folders, which is "
                    "not supported: write them into the files first."
                )
            self.files = found
        if not self.files:
            raise FileNotFoundError(f"There is no Parquet file in the folder {str(path)!r}.")
        self.schema = _parquet_schema(self.files[0])
        for file in self.files[1:]:
            if not _parquet_schema(file).equals(self.schema):
                raise ValueError(
                    f"{file.name} has other columns or types than {self.files[0].name}: all files "
                    "of a folder need the same."
                )
        with self._opened(self.files[0]) as file:
            groups = file.metadata.num_row_groups
            column = file.metadata.row_group(0).column(0) if groups else None
        self.compression = column.compression.lower() if column else "snappy"

    @contextlib.contextmanager
    def _opened(self, path):
        import pyarrow.parquet as pq

        with (
            _readable(path, "Parquet"),
            pq.ParquetFile(path, pre_buffer=False, buffer_size=BUFFER) as file,
        ):
            yield file

    def batches(self, n_rows):
        """Record batches of at most so many rows; the same ones on every call."""
        for path in self.files:
            with self._opened(path) as file:
                yield from file.iter_batches(batch_size=n_rows, use_threads=False)

    def groups(self, n_rows):
        """Tables of whole row groups, where these have at most so many rows."""
        import pyarrow as pa

        for path in self.files:
            with self._opened(path) as file:
                for i in range(file.metadata.num_row_groups):
                    if file.metadata.row_group(i).num_rows <= n_rows:
                        yield file.read_row_group(i, use_threads=False)
                    else:
                        parts = file.iter_batches(n_rows, row_groups=[i], use_threads=False)
                        yield from (pa.Table.from_batches([part]) for part in parts)


def _parquet_schema(path):
    """Columns and types of a file."""
    import pyarrow.parquet as pq

    with _readable(path, "Parquet"):
        return pq.read_schema(path)


class FeatherReader:
    """An Arrow IPC file (Feather, version 2)."""

    compression = "snappy"

    def __init__(self, path):
        self.root = path
        try:
            with self._opened() as file:
                self.schema = file.schema
        except ValueError:
            raise ValueError(
                f"{path.name} is no Arrow IPC file: Feather of version 1 is not supported."
            ) from None

    @contextlib.contextmanager
    def _opened(self):
        import pyarrow as pa

        with (
            _readable(self.root, "Arrow IPC"),
            pa.ipc.open_file(pa.memory_map(str(self.root))) as file,
        ):
            yield file

    def batches(self, n_rows):
        """Record batches of at most so many rows."""
        with self._opened() as file:
            for i in range(file.num_record_batches):
                batch = file.get_batch(i)
                for start in range(0, batch.num_rows, n_rows):
                    yield batch.slice(start, n_rows)

    def groups(self, n_rows):
        """Tables of one record batch."""
        import pyarrow as pa

        with self._opened() as file:
            for i in range(file.num_record_batches):
                yield pa.Table.from_batches([file.get_batch(i)])


def _is_visible(file, root):
    return not any(part.startswith((".", "_")) for part in file.relative_to(root).parts)


def writer_of(path, kind, reader, schema):
    """Writer of a new file or folder.

    Parameters
    ----------
    path : Path
        A name that does not exist yet.
    kind : {"parquet", "folder", "feather", "csv"}
        Its format.
    reader : object
        What the given rows come from.
    schema : Schema
        Columns and types.

    Returns
    -------
    object
        With `copy(n_rows)`, which writes the given rows, `write(table)` and `close()`.
    """
    kinds = {"parquet": ParquetWriter, "folder": FolderWriter, "feather": FeatherWriter}
    return kinds.get(kind, CsvWriter)(path, reader, schema)


@contextlib.contextmanager
def _readable(path, kind):
    """Arrow's errors about a damaged file, with its name."""
    import pyarrow as pa

    try:
        yield
    except MemoryError:
        raise
    except (pa.ArrowException, OSError) as error:
        if getattr(error, "errno", None) is not None:  # the system's own
            raise
        raise ValueError(
            f"{Path(path).name} cannot be read as {kind}, it is damaged or of another format: "
            f"{str(error).splitlines()[0]}"
        ) from None


class ParquetWriter(Writer):
    """One Parquet file; every table written is a row group."""

    def __init__(self, path, reader, schema):
        import pyarrow.parquet as pq

        super().__init__(path, reader, schema)
        self.file = pq.ParquetWriter(path, schema, compression=reader.compression)

    def write(self, table):
        """Append rows."""
        self.file.write_table(table.replace_schema_metadata(self.schema.metadata), len(table))

    def close(self):
        """Finish the file."""
        self.file.close()


class FolderWriter(Writer):
    """A folder of Parquet files: the given files are copied as they are, new rows get their own."""

    def __init__(self, path, reader, schema):
        super().__init__(path, reader, schema)
        path.mkdir()
        self.file = None

    def copy(self, n_rows):
        """Copy all given files, byte by byte; other formats become one file."""
        if not isinstance(self.reader, ParquetReader):
            given = ParquetWriter(self.path / "given.parquet", self.reader, self.schema)
            given.copy(n_rows)
            given.close()
            return
        root = self.reader.root if self.reader.root.is_dir() else self.reader.root.parent
        for file in self.reader.files:
            there = self.path / file.relative_to(root)
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, there)

    def write(self, table):
        """Append new rows."""
        if self.file is None:
            # after all given files in the order of names, in which folders are read
            taken = [file.name for file in self.path.iterdir()]
            name = "synthetic"
            if taken and max(taken) >= f"{name}.parquet":
                name = f"{Path(max(taken)).stem}_{name}"
            self.file = ParquetWriter(self.path / f"{name}.parquet", self.reader, self.schema)
        self.file.write(table)

    def close(self):
        """Finish the file of new rows."""
        if self.file is not None:
            self.file.close()


class FeatherWriter(Writer):
    """An Arrow IPC file; every table written is a record batch.

    Such a file has one dictionary for each column of categories, which can only grow.
    """

    def __init__(self, path, reader, schema):
        import pyarrow as pa

        super().__init__(path, reader, schema)
        options = pa.ipc.IpcWriteOptions(compression="lz4", emit_dictionary_deltas=True)
        self.file, self.levels = pa.ipc.new_file(str(path), schema, options=options), {}

    def write(self, table):
        """Append rows."""
        import pyarrow as pa

        for i, field in enumerate(self.schema):
            if pa.types.is_dictionary(field.type):
                cells = table.column(i).combine_chunks()
                table = table.set_column(i, field, self._coded(field, cells))
        self.file.write_table(table.combine_chunks())

    def _coded(self, field, cells):
        """A column of categories as codes of all levels written so far, and of its own."""
        import pyarrow as pa
        import pyarrow.compute as pc

        known = self.levels.get(field.name, cells.dictionary)
        more = cells.dictionary.filter(pc.invert(pc.is_in(cells.dictionary, value_set=known)))
        self.levels[field.name] = known = pa.concat_arrays([known, more])
        codes = pc.index_in(cells.dictionary, value_set=known).take(cells.indices)
        return pa.DictionaryArray.from_arrays(
            codes.cast(field.type.index_type), known, ordered=field.type.ordered
        )

    def close(self):
        """Finish the file."""
        self.file.close()
