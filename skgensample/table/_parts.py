"""Columns taken out of a table, and put back in their places: pandas, polars and arrays."""

import numpy as np

from ._arrow_parts import ArrowParts
from ._columns import is_missing, missing_cells
from ._dispatch import table_for
from ._shapes import is_instance


def parts_for(X):
    """What takes columns out of a table of this container.

    Parameters
    ----------
    X : ndarray or frame of shape (n, d)
        The table.

    Returns
    -------
    parts : PandasParts, PolarsParts, ArrowParts or ArrayParts
    """
    if is_instance(X, "pandas", "DataFrame"):
        return PandasParts()
    if is_instance(X, "pyarrow", "Table"):
        return ArrowParts()
    return PolarsParts() if is_instance(X, "polars", "DataFrame") else ArrayParts()


class PandasParts:
    """Columns of a pandas frame, by position."""

    is_frame = True

    def names(self, X):
        return X.columns.tolist()

    def take(self, X, places):
        """The table of some columns only."""
        return X.iloc[:, places]

    def cells(self, X, j):
        """Cells of a column that are not missing, as a list, and the mask of missing ones."""
        column = X.iloc[:, j]
        gap = column.isna().to_numpy()
        return column[~gap].tolist(), gap

    def number_dtype(self, X, j):
        """numpy dtype of a column of numbers, else None."""
        dtype = X.dtypes.iloc[j]
        dtype = getattr(dtype, "subtype", getattr(dtype, "numpy_dtype", dtype))
        return dtype if isinstance(dtype, np.dtype) and dtype.kind in "iuf" else None

    def is_text(self, X, j):
        """Whether a column is of text."""
        dtype = X.dtypes.iloc[j]
        if hasattr(dtype, "categories"):
            return False
        if str(dtype).startswith(("str", "large_string")):
            return True
        return dtype.kind == "O" and all(isinstance(cell, str) for cell in self.cells(X, j)[0])

    def is_duration(self, X, j):
        """Whether a column is one of durations."""
        return getattr(X.dtypes.iloc[j], "kind", "") == "m"

    def remember(self, X, places):
        """What `join` needs to know: the names, and dtype and missing cell of some columns."""
        self.columns, self.dtypes, self.markers = X.columns, {}, {}
        for j in places:
            dtype, gap = X.dtypes.iloc[j], X.iloc[:, j].isna().to_numpy()
            if hasattr(dtype, "categories"):  # whose levels are values of the column
                dtype = type(dtype)([], ordered=dtype.ordered)
            self.dtypes[j] = dtype
            self.markers[j] = X.iloc[int(gap.argmax()), j] if gap.any() else None

    def join(self, kept, made):
        """Put columns of cells back into their places.

        Parameters
        ----------
        kept : frame of shape (n, d - k)
            The other columns.
        made : dict
            Position -> list of n cells, None for missing ones.

        Returns
        -------
        frame of shape (n, d)
        """
        import pandas as pd

        rest = iter(range(kept.shape[1]))
        columns = [
            self._column(j, made[j]) if j in made else kept.iloc[:, next(rest)].array
            for j in range(len(self.columns))
        ]
        frame = pd.DataFrame(dict(enumerate(columns)), copy=False)
        frame.columns, frame.index = self.columns, kept.index
        return frame

    def _column(self, j, cells):
        """Cells as an array of the column's dtype."""
        import pandas as pd

        dtype = self.dtypes[j]
        if hasattr(dtype, "categories"):
            return pd.Categorical(cells, ordered=dtype.ordered)
        if isinstance(dtype, np.dtype) and dtype.kind == "O":
            cells = [self.markers[j] if cell is None else cell for cell in cells]
            return pd.Series(cells, dtype=object).array
        if dtype.kind == "M":
            times = pd.Series(pd.to_datetime(pd.Series(cells, dtype=object)))
            zone = getattr(dtype, "tz", None)
            if zone is not None:
                times = times.dt.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward")
            return times.astype(dtype).array
        return pd.Series(cells, dtype=dtype).array

    def places(self, kept, i, places):
        """Round a column of the other ones."""
        column = kept.iloc[:, i]
        if column.dtype.kind == "f":
            kept = kept.copy(deep=False)
            kept.isetitem(i, column.round(places))
        return kept

    def stack(self, X, X_new):
        """Given rows, unchanged, and new ones; levels of the new ones are added behind."""
        import pandas as pd

        given = X
        for j, dtype in self.dtypes.items():
            if hasattr(dtype, "categories"):
                old, new = X.iloc[:, j].array, X_new.iloc[:, j].array
                levels = old.categories.append(new.categories.difference(old.categories))
                both = pd.CategoricalDtype(levels, ordered=dtype.ordered)
                given = given.copy(deep=False)
                given.isetitem(j, old.set_categories(levels))
                X_new.isetitem(j, new.astype(both))
        return table_for(X).concat(given, X_new)


class PolarsParts:
    """Columns of a polars frame, by position."""

    is_frame = True

    def names(self, X):
        return list(X.columns)

    def take(self, X, places):
        return X.select([X.columns[j] for j in places])

    def cells(self, X, j):
        column = X.to_series(j)
        gap = column.is_null()
        if column.dtype.is_float():
            gap = gap | column.is_nan().fill_null(True)
        return column.filter(~gap).to_list(), gap.to_numpy()

    def number_dtype(self, X, j):
        dtype = X.dtypes[j]
        if not (dtype.is_integer() or dtype.is_float()) or str(dtype).endswith("128"):
            return None
        return X.to_series(j)[:0].to_numpy().dtype

    def is_text(self, X, j):
        return str(X.dtypes[j]) == "String"

    def is_duration(self, X, j):
        return str(X.dtypes[j]).startswith(("Duration", "Time"))

    def remember(self, X, places):
        self.columns, self.dtypes = list(X.columns), {j: X.dtypes[j] for j in places}
        closed = [self.columns[j] for j in places if str(X.dtypes[j]).startswith("Enum")]
        if closed:
            raise TypeError(
                f"Column {closed[0]!r} is of an Enum, which holds none but the given values: cast "
                "it to pl.String or pl.Categorical."
            )

    def join(self, kept, made):
        import polars as pl

        rest = iter(kept.get_columns())
        return pl.DataFrame(
            [
                pl.Series(name, made[j], dtype=self.dtypes[j]) if j in made else next(rest)
                for j, name in enumerate(self.columns)
            ]
        )

    def places(self, kept, i, places):
        column = kept.to_series(i)
        return kept.with_columns(column.round(places)) if column.dtype.is_float() else kept

    def stack(self, X, X_new):
        return table_for(X).concat(X, X_new)


class ArrayParts:
    """Columns of an array of numbers, texts or objects."""

    is_frame = False

    def names(self, X):
        return list(range(X.shape[1]))

    def take(self, X, places):
        return X[:, places]

    def cells(self, X, j):
        column = X[:, j]
        gap = missing_cells(column)
        return column[~gap].tolist(), gap

    def number_dtype(self, X, j):
        return X.dtype if X.dtype.kind in "iuf" else None

    def is_duration(self, X, j):
        return False

    def is_text(self, X, j):
        return X.dtype.kind in "OUT" and all(isinstance(c, str) for c in self.cells(X, j)[0])

    def remember(self, X, places):
        self.dtype, self.width = X.dtype, X.shape[1]
        self.markers = {}
        for j in places:
            gap = self.cells(X, j)[1]
            self.markers[j] = X[int(gap.argmax()), j] if gap.any() else None

    def join(self, kept, made):
        plain = self.dtype.kind not in "OUT"
        rows = np.empty((len(kept), self.width), dtype=self.dtype if plain else object)
        rows[:, [j for j in range(self.width) if j not in made]] = kept
        for j, cells in made.items():
            rows[:, j] = [self.markers[j] if is_missing(cell) else cell for cell in cells]
        # a width of text that is wide enough for the new values
        return rows.astype(str) if self.dtype.kind == "U" else rows.astype(self.dtype, copy=False)

    def places(self, kept, i, places):
        if kept.dtype.kind == "f":
            kept = kept.copy()
            kept[:, i] = np.round(kept[:, i], places)
        elif kept.dtype == object:
            kept = kept.copy()
            kept[:, i] = [round(c, places) if isinstance(c, float) else c for c in kept[:, i]]
        return kept

    def stack(self, X, X_new):
        return table_for(X).concat(X, X_new)
