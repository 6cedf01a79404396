"""Parquet, Feather and CSV files: record batches in, record batches out."""

import csv
import re
import shutil
from pathlib import Path

#: Bytes that a Parquet reader buffers of each column.
BUFFER = 1 << 20

#: Bytes of a block of a CSV file.
CSV_BLOCK = 4 << 20

#: Types of CSV columns that cannot hold a cell are replaced by the next wider one.
WIDER = {"int64": "double", "null": "int64"}

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
    kinds = {"csv": CsvReader, "feather": FeatherReader}
    return kinds.get(format_of(path), ParquetReader)(Path(path))


class ParquetReader:
    """One Parquet file, or the files of a folder in the order of their names."""

    def __init__(self, path):
        import pyarrow.parquet as pq

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
        self.schema = pq.read_schema(self.files[0])
        for file in self.files[1:]:
            if not pq.read_schema(file).equals(self.schema):
                raise ValueError(
                    f"{file.name} has other columns or types than {self.files[0].name}: all files "
                    "of a folder need the same."
                )
        with pq.ParquetFile(self.files[0]) as file:
            groups = file.metadata.num_row_groups
            column = file.metadata.row_group(0).column(0) if groups else None
        self.compression = column.compression.lower() if column else "snappy"

    def _opened(self, file):
        import pyarrow.parquet as pq

        return pq.ParquetFile(file, pre_buffer=False, buffer_size=BUFFER)

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


class FeatherReader:
    """An Arrow IPC file (Feather, version 2)."""

    compression = "snappy"

    def __init__(self, path):
        import pyarrow as pa

        self.root = path
        try:
            with self._opened() as file:
                self.schema = file.schema
        except pa.ArrowInvalid:
            raise ValueError(
                f"{path.name} is no Arrow IPC file: Feather of version 1 is not supported."
            ) from None

    def _opened(self):
        import pyarrow as pa

        return pa.ipc.open_file(pa.memory_map(str(self.root)))

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


class CsvReader:
    """A CSV file with a header; column types are those that hold every cell."""

    compression = "snappy"

    def __init__(self, path):
        import pyarrow as pa

        self.root, self.types = path, {}
        with open(path, newline="", encoding="utf-8") as file:
            header = file.readline()
        if not header.strip():
            raise ValueError(f"{path.name} has no header of column names.")
        try:
            self.delimiter = csv.Sniffer().sniff(header, delimiters=",;\t|").delimiter
        except csv.Error:  # one column
            self.delimiter = ","
        while True:
            try:
                for _ in self._blocks():
                    pass
                return
            except pa.ArrowInvalid as error:
                self._widen(error)

    def _blocks(self):
        from pyarrow import csv as arrow_csv

        with arrow_csv.open_csv(
            self.root,
            read_options=arrow_csv.ReadOptions(block_size=CSV_BLOCK, use_threads=False),
            parse_options=arrow_csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=self.types, strings_can_be_null=True
            ),
        ) as reader:
            self.schema = reader.schema
            yield from reader

    def _widen(self, error):
        """Give the column that an error is about a wider type."""
        import pyarrow as pa

        found = re.search(r"CSV column #(\d+).*conversion error to ([\w\[\]]+)", str(error), re.S)
        if not found or int(found[1]) >= len(self.schema):
            raise ValueError(
                f"{self.root.name} cannot be read as CSV: {_without_cells(error)}"
            ) from None
        field = self.schema.field(int(found[1]))
        wider = WIDER.get(str(field.type), "string")
        if str(field.type) == "string":
            raise ValueError(
                f"{self.root.name} cannot be read as CSV: column {field.name!r} is no UTF-8 text."
            ) from None
        self.types[field.name] = pa.type_for_alias(wider)

    def batches(self, n_rows):
        """Record batches of at most so many rows."""
        for batch in self._blocks():
            for start in range(0, batch.num_rows, n_rows):
                yield batch.slice(start, n_rows)

    def groups(self, n_rows):
        """Tables of at most so many rows."""
        import pyarrow as pa

        return (pa.Table.from_batches([batch]) for batch in self.batches(n_rows))


def _without_cells(error):
    """The part of an error of Arrow that quotes no cell."""
    return str(error).split(":")[0]


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


class Writer:
    """What writers of all formats share; a subclass has `write` and `close`."""

    def __init__(self, path, reader, schema):
        self.path, self.reader, self.schema = path, reader, schema

    def copy(self, n_rows):
        """Write all given rows, groups of them as they are."""
        for table in self.reader.groups(n_rows):
            self.write(table)


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


class CsvWriter(Writer):
    """A CSV file; that of a CSV file begins with its bytes."""

    def __init__(self, path, reader, schema):
        super().__init__(path, reader, schema)
        self.delimiter = getattr(reader, "delimiter", ",")
        self.file, self.is_empty = open(path, "wb"), True

    def copy(self, n_rows):
        """Copy the bytes of a CSV file; write the rows of other formats."""
        if not isinstance(self.reader, CsvReader):
            super().copy(n_rows)
            return
        last = b"\n"
        with open(self.reader.root, "rb") as given:
            while block := given.read(CSV_BLOCK):
                self.file.write(block)
                last = block[-1:]
        if last != b"\n":
            self.file.write(b"\n")
        self.is_empty = False

    def write(self, table):
        """Append rows."""
        from pyarrow import csv as arrow_csv

        options = arrow_csv.WriteOptions(include_header=self.is_empty, delimiter=self.delimiter)
        arrow_csv.write_csv(table, self.file, options)
        self.is_empty = False

    def close(self):
        """Finish the file."""
        self.file.close()
