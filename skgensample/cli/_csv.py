"""CSV files, read so that what is written back has the spelling of each column.

All cells are read as text. A column becomes integers, floats or dates only if its cells, written
back, give the same text; leading zeros, mixed formats and flags such as ``TRUE`` stay text.
"""

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

__all__ = ["CsvFormat", "read_csv"]

#: Spellings of a missing cell.
MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "<NA>", "#N/A")
#: Formats of dates, the first that gives back each cell of a column.
DATES = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
)
_SNIFFED = 65_536
_INTEGER = r"-?(?:0|[1-9]\d*)"
_FLOAT = rf"{_INTEGER}(?:\{{mark}}(\d+))?(?:[eE][+-]?\d+)?"


@dataclass
class CsvFormat:
    """How a CSV file was written.

    Parameters
    ----------
    encoding, separator, line_end : str
        Of the whole file; a separator may have a space after it.
    quoted : bool, default=False
        Whether names and cells of text stand in quotes where they need none.
    spellings : dict, default={}
        By column: a function from the column to text, and the text of a missing cell.
    """

    encoding: str = "utf-8"
    separator: str = ","
    line_end: str = "\n"
    quoted: bool = False
    spellings: dict = field(default_factory=dict)

    def text(self, frame, *, header=True):
        """Rows as text, each column spelled as in the file that was read.

        Parameters
        ----------
        frame : pandas.DataFrame of shape (n, d)
            Rows.
        header : bool, default=True
            Whether the first line names the columns.

        Returns
        -------
        text : str
            One line for each row.
        """
        columns = []
        for name in frame.columns:
            spell, missing = self.spellings.get(name, (_as_text, ""))
            column = frame[name]
            cells = np.full(len(column), missing, dtype=object)
            there = column.notna().to_numpy()
            is_text = spell is _as_text and not hasattr(column, "dt") and column.dtype.kind == "O"
            cells[there] = self._quote(spell(column[there]), always=self.quoted and is_text)
            columns.append(cells)
        lines = [self.separator.join(row) for row in zip(*columns)]
        if header:
            names = self._quote(map(str, frame.columns), always=self.quoted)
            lines.insert(0, self.separator.join(names))
        return "".join(line + self.line_end for line in lines)

    def _quote(self, texts, *, always):
        """Texts in quotes where a reader would split them, or always."""
        special = re.compile(f'["\r\n{re.escape(self.separator[0])}]|^\\s|\\s$')
        return [
            '"' + text.replace('"', '""') + '"' if always or special.search(text) else text
            for text in texts
        ]


def read_csv(path, *, header=True):
    """Read a CSV file of any common dialect, encoding and decimal mark.

    Parameters
    ----------
    path : path-like
        File.
    header : bool, default=True
        Whether the first line names the columns; otherwise they are called "0", "1", ...

    Returns
    -------
    frame : pandas.DataFrame of shape (n, d)
        Nullable integers, floats, dates without time zone, and text.
    format : CsvFormat
        How it was written.

    Raises
    ------
    ValueError
        If it is not a table with a header and a row, or a name stands twice.
    """
    encoding = _encoding(path)
    with open(path, newline="", encoding=encoding) as file:
        start = file.read(_SNIFFED)
        separator = _separator(start)
        file.seek(0)
        reader = csv.reader(file, delimiter=separator[0], skipinitialspace=len(separator) > 1)
        names, cells = _columns(reader, path, header)
    line_end = "\r\n" if "\r\n" in start else "\n"
    quoted = header and start.startswith('"')
    return _frame(names, cells, CsvFormat(encoding, separator, line_end, quoted))


def _encoding(path):
    """UTF-8, UTF-16 with its mark, or else Windows-1252."""
    with open(path, "rb") as file:
        start = file.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        encoding = "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(1 << 20):
                if b"\0" in block:
                    raise ValueError(f"{path} is not a text file: give CSV, Parquet or Feather.")
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return encoding


def _separator(start):
    """The separator that gives the first lines equally many cells, and the most."""
    lines = start.splitlines()[:50]
    if len(start) == _SNIFFED and len(lines) > 1:
        lines = lines[:-1]  # cut off in the middle
    best, most = ",", 1
    for separator in ",;\t|":
        widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        if widths and min(widths) == max(widths) > most:
            best, most = separator, widths[0]
    spaced = all(line.count(best) == line.count(f"{best} ") for line in lines)
    return f"{best} " if spaced and most > 1 else best


def _columns(reader, path, header):
    """Column names, and the cells of each column."""
    try:
        rows = [row for row in reader if row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as a table: {error}") from None
    if not rows:
        raise ValueError(f"{path} is empty.")
    names = (
        [name.strip() for name in rows.pop(0)] if header else list(map(str, range(len(rows[0]))))
    )
    for number, row in enumerate(rows):
        if len(row) != len(names):
            raise ValueError(f"{path}: row {number} has {len(row)} cells, not {len(names)}.")
    if not rows:
        raise ValueError(f"{path} has a header and no row.")
    if len(set(names)) < len(names):  # a first row of data: no message repeats its cells
        raise ValueError(
            f"{path}: the first line names two columns alike. Give each its own name, or "
            "--no-header if the first line is data."
        )
    return names, list(zip(*rows))


def _frame(names, cells, found):
    """Frame of typed columns; their spellings are added to the format."""
    import pandas as pd

    columns = {}
    for name, texts in zip(names, cells):
        texts = np.array(texts, dtype=object)
        gaps = Counter(text for text in texts if text in MISSING)
        there = ~np.isin(texts, list(gaps)) if gaps else np.ones(len(texts), dtype=bool)
        column, spell = _typed(texts[there], found.separator[0])
        if column is None:
            column = pd.Series(texts[there], dtype=object)
        column.index = np.flatnonzero(there)
        columns[name] = column.reindex(range(len(texts)))
        found.spellings[name] = (spell, max(gaps, key=gaps.get, default=""))
    return pd.DataFrame(columns), found


def _typed(texts, separator):
    """The column as numbers or dates, and how to spell them; None where it is text."""
    import pandas as pd

    if not len(texts):
        return None, _as_text
    levels = list(dict.fromkeys(texts))  # of repeated spellings each is read once
    if all(re.fullmatch(_INTEGER, text) for text in levels) and "-0" not in levels:
        numbers = [int(text) for text in texts]
        if all(abs(number) < 2**63 for number in (min(numbers), max(numbers))):
            return pd.Series(numbers, dtype="Int64"), _as_text
        return None, _as_text
    for mark in ".," if separator != "," else ".":
        pattern = re.compile(_FLOAT.format(mark=mark))
        matches = [pattern.fullmatch(text) for text in levels]
        if all(matches):
            places = {len(match[1] or "") for match in matches}
            whole = len(places) > 1 and 0 in places
            if any("e" in text.lower() for text in levels):
                spell = _FloatText(None, None, mark, whole)
            else:
                most = max(places)
                spell = _FloatText(most if len(places) == 1 else None, most, mark, whole)
            return pd.Series([float(text.replace(mark, ".")) for text in texts]), spell
    for pattern in DATES:
        dates = pd.to_datetime(pd.Series(levels), format=pattern, errors="coerce")
        if dates.notna().all() and (dates.dt.strftime(pattern) == levels).all():
            found = pd.Series(texts).map(dict(zip(levels, dates)))
            return found, _DateText(pattern)
    return None, _as_text


def _as_text(column):
    """Cells as Python spells them; dates without a time of day where none has one."""
    if column.dtype.kind == "M" and (column == column.dt.normalize()).all():
        return column.dt.strftime(DATES[0]).tolist()
    return [str(cell) for cell in column]


@dataclass(frozen=True)
class _FloatText:
    """Floats with a fixed number of decimal places, or as few as needed, up to the most."""

    places: int | None
    most: int | None
    mark: str
    whole: bool

    def __call__(self, column):
        if self.places is not None:
            cells = [f"{x:.{self.places}f}" for x in column]
        else:
            cells = [repr(self._rounded(float(x))) for x in column]
        if self.places is None and self.whole:  # some integers have no decimal mark
            cells = [cell.removesuffix(".0") for cell in cells]
        return [cell.replace(".", self.mark) for cell in cells]

    def _rounded(self, x):
        """A float in the most places of the column; no small negative one becomes -0."""
        rounded = x if self.most is None else round(x, self.most)
        return rounded if rounded or not x else 0.0


@dataclass(frozen=True)
class _DateText:
    """Dates in the format of their column."""

    pattern: str

    def __call__(self, column):
        return column.dt.strftime(self.pattern).tolist()
