"""CSV files: record batches in; given bytes and new rows, spelled alike, out."""

import csv
import re

from ._csv_spelling import forms_of, is_spelled, is_text, spelling_of
from ._writing import Writer

#: Bytes of a block.
CSV_BLOCK = 4 << 20

#: Types that cannot hold a cell are replaced by the next wider one.
WIDER = {"int64": "double", "null": "int64"}

#: Spellings of missing cells that Arrow does not know.
MORE_MISSING = ["None", "<NA>"]

#: Cells in quotes, and ends of lines.
QUOTED = re.compile(rb'"(?:[^"]|"")*"|\n')


class CsvReader:
    """A CSV file with a header; column types are those that hold every cell.

    Numbers that would not be written back as they are, with leading zeros for example, are text.
    """

    compression = "snappy"

    def __init__(self, path):
        self.root, self.types = path, {}
        header = self._header()
        try:
            self.delimiter = csv.Sniffer().sniff(header, delimiters=",;\t|").delimiter
        except csv.Error:  # one column
            self.delimiter = ","
        self.line_end = re.search("\r?\n|\r|$", header)[0] or "\n"
        self.is_quoted = header.startswith('"')
        self._find_types()
        self._refuse_repeated()
        self._find_spellings()

    def _header(self):
        """First line of the file."""
        try:
            with open(self.root, newline="", encoding="utf-8-sig") as file:
                header = file.readline()
        except UnicodeDecodeError:
            raise ValueError(
                f"{self.root.name} is no text in UTF-8: convert it first, or read it with pandas "
                "and write Parquet."
            ) from None
        if not header.strip():
            raise ValueError(f"{self.root.name} has no header of column names.")
        return header

    def _find_types(self):
        """Types of all columns, from all cells."""
        import pyarrow as pa

        while True:
            try:
                for _ in self._blocks():
                    pass
                return
            except pa.ArrowInvalid as error:
                self._widen(error)

    def _refuse_repeated(self):
        names = self.schema.names
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(
                f"{self.root.name}: column names are not unique: rename the repeated ones, "
                f"{repeated}."
            )

    def _find_spellings(self):
        """How cells are spelled; columns that are text because of that."""
        import pyarrow as pa

        kinds = {field.name: field.type for field in self.schema if is_spelled(field.type)}
        forms = {name: set() for name in kinds}
        for block in self._blocks(dict.fromkeys(kinds, pa.string())) if kinds else ():
            for name, kind in kinds.items():
                forms[name] |= forms_of(block.column(name), kind)
        texts = [name for name, kind in kinds.items() if is_text(forms[name], kind)]
        self.types.update(dict.fromkeys(texts, pa.string()))
        for name in texts:
            place = self.schema.get_field_index(name)
            self.schema = self.schema.set(place, pa.field(name, pa.string()))
        found = {name: spelling_of(forms[name], kinds[name]) for name in kinds if name not in texts}
        self.spellings = {name: spell for name, spell in found.items() if spell}

    def _blocks(self, only=None):
        """Record batches; with a dict of names to types, of these columns in these types."""
        from pyarrow import csv as arrow_csv

        missing = [*arrow_csv.ConvertOptions().null_values, *MORE_MISSING]
        with arrow_csv.open_csv(
            self.root,
            read_options=arrow_csv.ReadOptions(block_size=CSV_BLOCK, use_threads=False),
            parse_options=arrow_csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=self.types if only is None else only,
                include_columns=list(only or ()),
                null_values=missing,
                strings_can_be_null=True,
            ),
        ) as reader:
            if only is None:
                self.schema = reader.schema
            yield from reader

    def _widen(self, error):
        """Give the column that an error is about a wider type."""
        import pyarrow as pa

        found = re.search(r"CSV column #(\d+).*conversion error to ([\w\[\]]+)", str(error), re.S)
        if not found or int(found[1]) >= len(self.schema):
            raise ValueError(
                f"{self.root.name} cannot be read as CSV: {_without_cells(error)}."
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
    found = re.search(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)", str(error))
    if not found:
        return str(error).split(":")[0]
    row = f"row {int(found[1]) - 2}" if found[1] else "a row"  # the header is the first
    return f"{row} has {found[3]} cells, not {found[2]}"


def _writable(table):
    """A table without views of text, which Arrow writes into no CSV file."""
    import pyarrow as pa

    for i, field in enumerate(table.schema):
        if pa.types.is_string_view(field.type):
            table = table.set_column(i, field.name, table.column(i).cast(pa.string()))
    return table


class CsvWriter(Writer):
    """A CSV file; that of a CSV file begins with its bytes, and goes on in its spelling."""

    def __init__(self, path, reader, schema):
        super().__init__(path, reader, schema)
        self.goes_on = isinstance(reader, CsvReader)
        self.delimiter = getattr(reader, "delimiter", ",")
        self.file, self.is_empty = open(path, "wb"), True

    def copy(self, n_rows):
        """Copy the bytes of a CSV file; write the rows of other formats."""
        if not self.goes_on:
            super().copy(n_rows)
            return
        last = b"\n"
        with open(self.reader.root, "rb") as given:
            while block := given.read(CSV_BLOCK):
                self.file.write(block)
                last = block[-1:]
        if last not in (b"\n", b"\r"):
            self.file.write(self.reader.line_end.encode())
        self.is_empty = False

    def write(self, table):
        """Append rows."""
        if self.goes_on:
            self.file.write(self._text(table))
        else:
            self.file.write(self._csv(table, "needed"))
        self.is_empty = False

    def _text(self, table):
        """Rows as the given file spells them."""
        import pyarrow as pa

        for name, spell in self.reader.spellings.items():
            place = table.column_names.index(name)
            table = table.set_column(place, name, spell(table.column(name).combine_chunks()))
        try:
            text = self._csv(table, "needed" if self.reader.is_quoted else "none")
        except pa.ArrowInvalid:  # some cells need quotes
            text = self._csv(table, "needed")
        end = self.reader.line_end.encode()
        if end == b"\n":
            return text
        return QUOTED.sub(lambda found: end if found[0] == b"\n" else found[0], text)

    def _csv(self, table, quoting):
        """Rows as bytes, below a header if nothing is written yet."""
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        options = arrow_csv.WriteOptions(
            include_header=self.is_empty, delimiter=self.delimiter, quoting_style=quoting
        )
        sink = pa.BufferOutputStream()
        arrow_csv.write_csv(_writable(table), sink, options)
        return sink.getvalue().to_pybytes()

    def close(self):
        """Finish the file."""
        self.file.close()
