"""Columns taken out of a pyarrow Table, and put back in their places."""

import numpy as np

from ._dispatch import table_for


class ArrowParts:
    """Columns of a pyarrow Table, by position; see `parts_for`."""

    is_frame = True

    def names(self, X):
        return list(X.column_names)

    def take(self, X, places):
        return X.select(places)

    def cells(self, X, j):
        cells = X.column(j).to_pylist()
        gap = np.array([cell is None or cell != cell for cell in cells], dtype=bool)
        return [cell for cell, missing in zip(cells, gap) if not missing], gap

    def number_dtype(self, X, j):
        from pyarrow import types

        kind = X.schema.field(j).type
        numeric = types.is_integer(kind) or types.is_floating(kind)
        return np.dtype(kind.to_pandas_dtype()) if numeric else None

    def is_text(self, X, j):
        from pyarrow import types

        kind = X.schema.field(j).type
        return types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)

    def is_duration(self, X, j):
        from pyarrow import types

        kind = X.schema.field(j).type
        return types.is_duration(kind) or types.is_time(kind)

    def remember(self, X, places):
        self.schema = X.schema

    def join(self, kept, made):
        import pyarrow as pa

        rest = iter(kept.columns)
        columns = [
            self._column(field.type, made[j]) if j in made else next(rest)
            for j, field in enumerate(self.schema)
        ]
        return pa.Table.from_arrays(columns, schema=self.schema)

    @staticmethod
    def _column(kind, cells):
        """Cells as an array of the column's type."""
        import pyarrow as pa

        if pa.types.is_dictionary(kind):
            return pa.array(cells, kind.value_type).dictionary_encode().cast(kind)
        return pa.array(cells, kind)

    def places(self, kept, i, places):
        import pyarrow as pa
        from pyarrow import compute

        column, field = kept.column(i), kept.schema.field(i)
        if not pa.types.is_floating(field.type):
            return kept
        return kept.set_column(i, field, compute.round(column, places).cast(field.type))

    def stack(self, X, X_new):
        return table_for(X).concat(X, X_new)
