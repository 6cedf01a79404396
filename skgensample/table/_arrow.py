"""pyarrow tables: schema, dictionaries, chunks of given rows and metadata survive."""

import numpy as np

from ._arrow_columns import (
    DecimalCodec,
    arrow_numbers,
    arrow_times,
    dictionary_column,
    is_time,
    text_column,
    to_decimals,
    to_times,
)
from ._categories import CategoryCodec, as_listed, inner_codec
from ._columns import EmptyCodec, number_column, unsupported, without_scale
from ._containers import ColumnTable
from ._datetimes import TimeCodec


class ArrowTable(ColumnTable):
    """A pyarrow Table, through its own constructors only."""

    _container = "pyarrow"

    def __init__(self):
        self.dictionaries = {}

    def _names(self, X):
        return X.column_names

    def _without_rows(self, X):
        return X.schema.empty_table()

    def _declared(self, X, j):
        import pyarrow as pa

        return pa.types.is_dictionary(X.schema.types[j])

    def _cells(self, X, j):
        return X.column(j), j

    def _gap(self, cells):
        import pyarrow.compute as pc

        column = cells[0]
        gap = pc.is_null(column, nan_is_null=True).to_numpy()
        return gap.astype(bool, copy=False)

    def _marker(self, cells, gap):
        return None if cells[0].null_count else np.nan

    def _taken(self, cells, rows):
        column, j = cells
        return column.take(rows), j

    def _column(self, cells, name, mode):
        import pyarrow.types as kinds

        column, j = cells
        kind = column.type
        if is_time(kind):
            if not self.times:
                raise TypeError(without_scale(name, kind))
            return as_listed(*arrow_times(column, name), mode)
        if kinds.is_dictionary(kind):
            codec, codes, self.dictionaries[j] = dictionary_column(column)
            return codec, codes
        if kinds.is_decimal(kind):
            return as_listed(*DecimalCodec.fit_encode(column, name), mode)
        if kinds.is_boolean(kind) or kinds.is_integer(kind) or kinds.is_floating(kind):
            return number_column(arrow_numbers(column), name, mode, self.learned)
        if kinds.is_string(kind) or kinds.is_large_string(kind) or str(kind) == "string_view":
            return text_column(column)
        raise TypeError(unsupported(name, kind))

    def _levels(self, j, codec):
        levels, words = super()._levels(j, codec), self.dictionaries.get(j)
        return levels if words is None else np.array(words.take(levels).to_pylist(), dtype=object)

    def _values(self, j, z):
        codec = self.codecs[j]
        # texts are made once for each level, not once for each row
        of_text = isinstance(codec, CategoryCodec) and codec.text and j not in self.dictionaries
        return codec.codes(z) if of_text else super()._values(j, z)

    def _build(self, columns):
        import pyarrow as pa

        made = [self._restored(j, *column) for j, column in enumerate(columns)]
        return pa.Table.from_arrays(made, schema=self.template.schema)

    def _restored(self, j, values, gap):
        """One column in its own type, missing cells in their own way."""
        import pyarrow as pa

        kind, codec = self.template.schema.types[j], inner_codec(self.codecs[j])
        marker = self.markers.get(j)
        if isinstance(codec, EmptyCodec):
            if marker is None:
                return pa.nulls(len(values), kind)
            return pa.array(np.full(len(values), np.nan)).cast(kind)
        if marker is not None and gap is not None:
            values = np.where(gap, np.nan, values)
            gap = None
        if j in self.dictionaries:
            codes = pa.array(values, mask=gap).cast(kind.index_type)
            return pa.DictionaryArray.from_arrays(codes, self.dictionaries[j], ordered=kind.ordered)
        if isinstance(codec, TimeCodec):
            return to_times(codec, values, gap, kind)
        if isinstance(codec, DecimalCodec):
            return to_decimals(values, gap, kind)
        if isinstance(codec, CategoryCodec) and codec.text:
            return pa.array(codec.levels, type=kind).take(pa.array(values, mask=gap))
        return pa.array(values, mask=gap).cast(kind)

    def take(self, X, rows):
        return X.take(rows)

    def cells(self, X, j):
        return X.column(j).to_pylist()

    def concat(self, X, X_new):
        import pyarrow as pa

        return pa.concat_tables([X, X_new])
