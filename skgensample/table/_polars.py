"""polars frames."""

import numpy as np

from ._categories import as_listed, inner_codec
from ._columns import EmptyCodec, number_column, unsupported, without_scale
from ._containers import ColumnTable
from ._datetimes import TimeCodec, polars_times, to_polars


class PolarsTable(ColumnTable):
    """A polars frame, through its own constructors only."""

    _container = "polars"

    def _declared(self, X, j):
        return str(X.dtypes[j]).startswith(("Categorical", "Enum"))

    def _without_rows(self, X):
        return X.clear()

    def _names(self, X):
        return list(X.columns)

    def _cells(self, X, j):
        return X.to_series(j)

    def _gap(self, cells):
        gap = cells.is_null()
        return (gap | cells.is_nan().fill_null(True) if cells.dtype.is_float() else gap).to_numpy()

    def _marker(self, cells, gap):
        return None if cells.null_count() else np.nan

    def _column(self, cells, name, mode):
        kind = cells.dtype
        if kind.is_temporal():
            if self.times:
                return as_listed(*polars_times(cells, name), mode)
            raise TypeError(without_scale(name, kind))
        wide = str(kind) in ("Int128", "UInt128")
        if kind.is_decimal() or wide:
            raise TypeError(self._to_convert(name, kind, "decimals"))
        if kind.is_nested():
            raise TypeError(unsupported(name, kind))
        if kind.is_numeric() or str(kind) == "Boolean":
            return number_column(cells.to_numpy(), name, mode, self.learned)
        values = np.array(cells.to_list(), dtype=object)
        return self._objects(values, name, mode, kind)

    def _build(self, columns):
        import polars as pl

        return pl.DataFrame([self._restored(j, *column) for j, column in enumerate(columns)])

    def _restored(self, j, values, gap):
        """One column in its own dtype, missing cells in their own way."""
        import polars as pl

        name, codec = self.names[j], inner_codec(self.codecs[j])
        dtype = self.template.schema[name]
        blank = pl.Series(name, [self.markers.get(j)], dtype=dtype)
        if isinstance(codec, EmptyCodec):
            return blank.new_from_index(0, len(values))
        if isinstance(codec, TimeCodec):
            made = to_polars(codec, values, name, dtype)
        else:
            made = pl.Series(name, values.tolist() if values.dtype == object else values)
            made = made.cast(dtype)
        if gap is None:
            return made
        return made.zip_with(pl.Series(~gap), blank.new_from_index(0, len(values)))

    def take(self, X, rows):
        return X[rows]

    def cells(self, X, j):
        return X.to_series(j).to_list()

    def concat(self, X, X_new):
        import polars as pl

        return pl.concat([X, X_new])
