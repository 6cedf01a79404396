"""`TableCodec`: encodes a table in any container as the float matrix ``Z``, and decodes rows."""

from collections.abc import Hashable
from functools import cached_property

import numpy as np

from .._suggestions import did_you_mean
from ._columns import Column, is_missing
from ._conditions import condition_of
from ._dispatch import table_for
from ._encode_value import CalendarGrid, Grid, encoded_cell, instant, scalar
from ._sparse import SparseTable


class TableCodec:
    """Encoder and decoder between a table and the float matrix on which samplers work.

    It stores names, dtypes, levels and integer ranges, never a row.

    Parameters
    ----------
    categories : {"text", "auto", "all"}, None or array-like, default=None
        Which columns are encoded as codes: text and category columns; these and bool columns;
        all; none; or those listed by position, name or mask. Text in other columns is an error.
    missing : bool, default=False
        Whether missing cells are accepted, as NaN in ``Z``, and decoded to the column's own
        missing value.
    learned : bool, default=False
        Whether a model of the table makes the new rows, and not interpolation between given
        ones. Then dates and durations are taken as whole steps from the earliest, floats come
        back with the decimal places of the column, and numbers that identify rows are refused.
    times : bool, default=False
        Whether dates and durations are taken even without `learned`.
    patterns : bool, default=False
        Whether dates as integers and multiples are kept in frames even without `learned`.
    interpolated : bool, default=False
        Whether new rows lie between given ones. Then numbers that identify people are refused,
        and those that number rows are not: a value between two row numbers is nobody's.
    """

    #: Whether columns of a model differ from those of the table.
    is_constrained = False

    def __init__(
        self,
        *,
        categories=None,
        missing=False,
        learned=False,
        times=False,
        patterns=False,
        interpolated=False,
    ):
        self.patterns = patterns
        self.categories = categories
        self.missing = missing
        self.learned = learned
        self.times = learned or times
        # set by `SetAsideCodec`: columns that are never refused, and where columns of an array
        # without those set aside stand in the whole one
        self.trusted, self.positions = frozenset(), None
        #: Which numbers are refused: "all" (of people and of rows), those of "people", or None.
        self.numbers = "all" if learned else "people" if interpolated else None

    def fit_encode(self, X):
        """Fit the codec on a table and encode it.

        Parameters
        ----------
        X : ndarray, sparse matrix or frame of shape (n, d)
            The table, two-dimensional with at least one row.

        Returns
        -------
        Z : ndarray or csr matrix of shape (n, d)
            C-contiguous, float64 (float32 when every column is), finite but for missing cells.
            Floats stand for themselves, integers for their distance to the column's smallest
            value, bools for 0 and 1, categories for codes of the observed levels.

        Raises
        ------
        ValueError
            If a cell is infinite, or missing without `missing`; the message names column and
            row. If columns identify people or rows; the message names all of them.
        TypeError
            If a column's type is not supported, or it holds text and is not categorical.
        """
        return self.fit_extend(X, None)[0]

    def fit_extend(self, X, n_new):
        """Fit and encode, and preallocate the output if ``Z`` equals the table.

        Parameters
        ----------
        X : ndarray, sparse matrix or frame of shape (n, d)
            The table.
        n_new : int or None
            Number of new rows; None allocates nothing.

        Returns
        -------
        Z : ndarray or csr matrix of shape (n, d)
            As from `fit_encode`.
        buffer : OutputBuffer or None
            Output matrix if float rows need no decoding: new rows are written to its `tail`, and
            it is passed to `finish`.
        """
        self._table = table_for(X, plain=not self.learned)
        self._table.missing, self._table.learned = self.missing, self.learned
        self._table.times = self.times
        self._table.trusted, self._table.positions = self.trusted, self.positions
        self._table.numbers = self.numbers
        self._table.times, self._table.patterns = self.times, self.patterns
        return self._table.fit_extend(X, self.categories, n_new)

    def finish(self, X, Z_new, buffer=None):
        """Return the input rows, unchanged, followed by the decoded new rows.

        Parameters
        ----------
        X : table of n rows
            The table given to `fit_extend`.
        Z_new : ndarray or csr matrix of shape (n_new, d)
            Encoded rows; the `tail` of the buffer if there is one.
        buffer : OutputBuffer, default=None
            From `fit_extend`.

        Returns
        -------
        table : same container as X, of shape (n + n_new, d)
            Columns keep their dtypes, pandas rows their index labels.
        """
        return self._table.finish(X, Z_new, buffer)

    @cached_property
    def columns(self):
        """One `Column` for each column of ``Z``; computed lazily, as sparse tables may be wide."""
        facts = zip(self._table.names, self._table.describe())
        return [Column(name=name, index=j, **fact) for j, (name, fact) in enumerate(facts)]

    @property
    def table_columns(self):
        """The columns of the table; those of ``Z``, unless a codec around it changes them."""
        return self.columns

    @property
    def is_sparse(self):
        """Whether the table is a sparse matrix, in which integers stand for themselves."""
        return isinstance(self._table, SparseTable)

    def encode_cell(self, name, value):
        """Encode one cell of a named column.

        Parameters
        ----------
        name : object
            The column's label in a frame, its position in other containers.
        value : object
            Value of the cell: a level of a category, a number or date within the column's range,
            or a missing cell.

        Returns
        -------
        index : int
            Position of the column in ``Z``.
        number : float
            Value of the cell in ``Z``, NaN for a missing cell.

        Raises
        ------
        ValueError
            If the table has no such column, or the column cannot hold the value.
        """
        column = self.column(name)
        return column.index, float(self._encoded(column, [value])[0])

    def encode_cells(self, name, values):
        """Encode cells of a named column of which some may be missing, though the table has none.

        Parameters
        ----------
        name : object
            The column's label in a frame, its position in other containers.
        values : list of length n
            Cells, as in `encode_cell`.

        Returns
        -------
        ndarray of shape (n,)
            NaN for missing cells.

        Raises
        ------
        ValueError
            As `encode_cell`; the message names the row.
        """
        column, values = self.column(name), [scalar(value) for value in values]
        there = [row for row, value in enumerate(values) if not is_missing(value)]
        numbers = np.full(len(values), np.nan)
        numbers[there] = self._encoded(column, [values[row] for row in there], there)
        return numbers

    def _encoded(self, column, values, rows=None):
        """Numbers of cells of one column; errors name the row, where rows are given."""
        cells, known, numbers = self._values_of(column), {}, np.empty(len(values))
        for i, value in enumerate(values):
            # times that differ in `fold` only are equal
            key = (type(value), value, getattr(value, "fold", 0))
            key = key if isinstance(value, Hashable) else None
            if key is None or key not in known:
                try:
                    known[key] = encoded_cell(column, value, cells)
                    self._check_exact(column, value, known[key])
                except ValueError as error:
                    if rows is None:
                        raise
                    raise ValueError(f"Row {rows[i]}: {error}") from None
            numbers[i] = known[key]
        there = ~np.isnan(numbers)
        if column.kind == "float" and there.any():
            with np.errstate(over="ignore"):  # float32 and float16 may overflow to infinity
                kept = self._cells(column, numbers[there])
            if is_missing(kept[0]):
                raise ValueError(f"Column {column.name!r} has missing cells only: give none.")
            numbers[there] = kept
        return numbers

    def _values_of(self, column):
        """All levels of a column of categories, the grid of one of whole steps, else None."""
        if column.kind == "categorical":
            return self._cells(column, range(column.n_levels))
        return None if column.kind == "float" else self.grid(column)

    def _check_exact(self, column, value, number):
        """Refuse a value so many steps away that float64 does not count them exactly."""
        if not abs(number) > 2**53 or column.kind == "float":
            return
        if instant(self.cell(column, number)) != instant(value):
            raise ValueError(
                f"Column {column.name!r} is generated in 64-bit floats, which are not exact so far "
                "from its smallest value, and this value would be rounded: leave it out, or "
                "convert the column to text before fit if its numbers are names."
            )

    def column(self, name):
        """Description of the column of that name; an error suggests the nearest name."""
        found = [column for column in self.columns if _same(column.name, name)]
        if not found:
            raise ValueError(f"The table has no column {name!r}{self._nearest_name(name)}")
        return found[0]

    def kept(self, X):
        """The columns of a table that are encoded: all of them."""
        return X

    def condition(self, name, wanted):
        """Encode a condition on a named column; see `condition_of`."""
        return condition_of(self, name, wanted)

    def cell(self, column, number):
        """Decode one number of a column."""
        return self._cells(column, [number])[0]

    def levels(self, column):
        """All levels of a column of categories, in the order of their codes."""
        return self._cells(column, range(column.n_levels))

    def grid(self, column):
        """Values of a column of integers, bools, dates or durations, as a `Grid`."""
        first, second = self._cells(column, range(2))
        if self._table.is_calendar(column.index):
            return CalendarGrid.of_first(column.name, first)
        return Grid.of(column.name, first, second, self._table.wall_step(column.index))

    def _nearest_name(self, name):
        """End of the error about an unknown column: the closest name, or which names are valid."""
        names = [column.name for column in self.columns]
        if all(isinstance(known, int) for known in names):
            return f": its columns are called {min(names)} to {max(names)}."
        return did_you_mean(name, names, otherwise=": give the name of one of its columns.")

    def _cells(self, column, numbers):
        """Decode numbers of one column to a list of cells."""
        Z = np.zeros((len(numbers), len(self.columns)))
        Z[:, column.index] = numbers
        return self._table.cells(self.decode(Z), column.index)

    def decode(self, Z):
        """Decode rows of ``Z`` to the container, column names and dtypes of the fitted table.

        Parameters
        ----------
        Z : ndarray or csr matrix of shape (n_new, d)
            Encoded rows.

        Returns
        -------
        X_new : table of n_new rows
            Integers are rounded and clipped to the observed range.
        """
        return self._table.decode(Z)


def _same(name, other):
    """Whether two column names are equal; names that cannot be compared are not."""
    try:
        return bool(name == other)
    except (TypeError, ValueError):
        return False
