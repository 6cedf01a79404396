"""pandas frames: dtypes, categories and index labels survive."""

from functools import partial

import numpy as np

from .._runtime.threads import CELLS, each
from ._arrow_columns import (
    DecimalCodec,
    arrow_times,
    is_time,
    is_time_or_decimal,
    to_decimals,
    to_times,
)
from ._categories import CategoryCodec, as_listed, inner_codec, observed, sorted_levels
from ._columns import (
    EmptyCodec,
    number_column,
    text_columns,
    unsupported,
    without_scale,
)
from ._containers import ArrayTable, ColumnTable
from ._datetimes import TimeCodec, pandas_times, to_pandas
from ._output import separate


class PandasTable(ColumnTable):
    """A pandas frame: each column keeps its dtype, given rows keep their index labels."""

    def _names(self, X):
        return X.columns.tolist()

    def _without_rows(self, X):
        return without_rows(X)

    def _declared(self, X, j):
        return hasattr(X.iloc[:, j], "cat")

    def _texts(self, X):
        objects = [j for j, dtype in enumerate(X.dtypes) if _is_objects(dtype)]
        found = {j: text_columns(X.iloc[:, j].to_numpy()[:, None])[0] for j in objects}
        return {j: column for j, column in found.items() if column is not None}

    def _cells(self, X, j):
        return X.iloc[:, j]

    def _gap(self, cells):
        return cells.isna().to_numpy()

    def _marker(self, cells, gap):
        return cells.iloc[int(gap.argmax())] if cells.dtype == object else None

    def _taken(self, cells, rows):
        return cells.iloc[rows]

    def _levels(self, j, codec):
        levels, column = super()._levels(j, codec), self.template.iloc[:, j]
        named = levels is not None and hasattr(column, "cat")
        return column.cat.categories[levels] if named else levels

    def _column(self, cells, name, mode):
        if hasattr(cells, "cat"):
            codes = cells.cat.codes.to_numpy()
            found, rank = observed(codes)
            text = isinstance(cells.cat.categories[found[0]], str)
            return CategoryCodec(found.astype(codes.dtype), text=text), rank
        times = is_time(getattr(cells.dtype, "pyarrow_dtype", None)) or cells.dtype.kind in "mM"
        if times and not self.times:
            raise TypeError(without_scale(name, cells.dtype))
        if is_time_or_decimal(cells.dtype):
            column = cells.array.__arrow_array__()
            pair = arrow_times(column, name) if times else DecimalCodec.fit_encode(column, name)
            return as_listed(*pair, mode)
        if times:
            return as_listed(*pandas_times(cells, name), mode)
        if str(cells.dtype).startswith("period"):
            raise TypeError(self._to_convert(name, cells.dtype, "periods"))
        plain = plain_dtype(cells.dtype)
        if plain.kind in "biuf":
            return number_column(cells.to_numpy(dtype=plain), name, mode, self.learned)
        if _is_text(cells.dtype):
            return text_categories(cells)
        if plain.kind in "OUST":
            return self._objects(cells.to_numpy(dtype=object), name, mode, cells.dtype)
        raise TypeError(unsupported(name, cells.dtype))

    def _build(self, columns):
        return self._framed([self._restored(j, *column) for j, column in enumerate(columns)])

    def _framed(self, columns):
        """Columns, arrays of any kind, under the frame's names; nothing is copied."""
        import pandas as pd

        frame = pd.DataFrame(dict(enumerate(columns)), copy=False)
        frame.columns = self.template.columns
        return frame

    def finish(self, X, Z_new, room):
        import pandas as pd

        if type(X) is not pd.DataFrame:
            return self.concat(X, self.decode(Z_new))
        given, new = [X.iloc[:, j] for j in range(X.shape[1])], separate(Z_new)
        columns = [None] * len(given)

        def append(j):
            columns[j] = self._appended(given[j], j, *self._decoded_column(j, new[j]))

        each(append, range(len(given)), serial=Z_new.size < CELLS)
        frame = self._framed(columns)
        frame.index = extend_index(X.index, len(Z_new))
        return frame

    def _appended(self, given, j, values, gap):
        """A column's own cells, then decoded ones."""
        import pandas as pd

        new = self._restored(j, values, gap)
        if isinstance(given.dtype, pd.CategoricalDtype):
            codes = np.concatenate([given.cat.codes.to_numpy(), new.codes])
            return pd.Categorical.from_codes(codes, dtype=given.dtype, validate=False)
        if isinstance(new, np.ndarray):
            return np.concatenate([given.to_numpy(), new])
        return pd.concat([given, pd.Series(new)], ignore_index=True)

    def cells(self, X, j):
        return X.iloc[:, j].tolist()

    def take(self, X, rows):
        return X.iloc[rows]

    def _values(self, j, z):
        import pandas as pd

        codec, dtype = self.codecs[j], self.template.dtypes.iloc[j]
        if isinstance(codec, CategoryCodec) and _is_text(dtype):
            # texts are made once for each level, not once for each row
            return pd.array(codec.levels, dtype=dtype).take(codec.codes(z))
        return super()._values(j, z)

    def _restored(self, j, values, gap):
        """One column in its own dtype, missing cells in their own way."""
        import pandas as pd

        codec, dtype = inner_codec(self.codecs[j]), self.template.dtypes.iloc[j]
        empty = isinstance(codec, EmptyCodec)
        if isinstance(dtype, pd.CategoricalDtype):
            codes = values if gap is None else np.where(gap, -1, values)
            codes = np.full(len(values), -1) if empty else codes
            return pd.Categorical.from_codes(codes, dtype=dtype, validate=False)
        if empty:
            return pd.Series([self.markers[j]] * len(values), dtype=dtype)
        if isinstance(dtype, pd.SparseDtype):
            cells = values if gap is None else np.where(gap, np.nan, values)
            return pd.arrays.SparseArray(cells, dtype=dtype)
        if gap is not None and _is_objects(dtype):
            values = values.astype(object)
            values[gap] = self.markers[j]
            return pd.Series(values, dtype=dtype)
        if gap is None and isinstance(dtype, np.dtype) and dtype.kind in "biuf":
            return values.astype(dtype, copy=False)
        if is_time_or_decimal(dtype):
            rebuild = to_decimals if isinstance(codec, DecimalCodec) else partial(to_times, codec)
            made = rebuild(values, gap, dtype.pyarrow_dtype)
            return pd.Series(pd.arrays.ArrowExtensionArray(made), dtype=dtype)
        timed = isinstance(codec, TimeCodec)
        made = to_pandas(codec, values, dtype) if timed else pd.Series(values, dtype=dtype)
        return made if gap is None else made.mask(gap)

    def concat(self, X, X_new):
        import pandas as pd

        labels = extend_index(X.index, len(X_new))
        both = pd.concat([X, X_new], axis=0, ignore_index=True)
        both.index = labels
        return both


class FloatFrame(PandasTable):
    """A pandas frame of one float dtype: an array with names."""

    def fit_extend(self, X, categories, n_new):
        self.template = without_rows(X)
        self.array = ArrayTable(self._names(X))
        self.array.missing, self.array.learned = self.missing, self.learned
        self.array.trusted, self.array.numbers = self.trusted, self.numbers
        self.names = self.array.names
        return self.array.fit_extend(X.to_numpy(), categories, n_new)

    def describe(self):
        return self.array.describe()

    def decode(self, Z):
        return self._wrapped(self.array.decode(Z))

    def finish(self, X, Z_new, room):
        frame = self._wrapped(self.array.finish(X.to_numpy(), Z_new, room))
        frame.index = extend_index(X.index, len(Z_new))
        return frame

    def _wrapped(self, rows):
        import pandas as pd

        return pd.DataFrame(rows, columns=self.template.columns, copy=False)


def of_one_float(X):
    """Whether every column of a pandas frame is of the same ordinary float dtype."""
    import pandas as pd

    first = X.dtypes.iloc[0] if X.shape[1] else None
    plain = isinstance(first, np.dtype) and first in (np.float32, np.float64)
    return plain and type(X) is pd.DataFrame and (X.dtypes == first).all()


def text_categories(cells):
    """Codec and codes of a series of a text dtype."""
    import pandas as pd

    codes, levels = pd.factorize(cells)
    levels, codes = sorted_levels(np.array(levels.tolist(), dtype=object), codes)
    return CategoryCodec(levels, text=True), codes


def _is_objects(dtype):
    """Whether a pandas dtype is numpy's for objects."""
    return isinstance(dtype, np.dtype) and dtype.kind == "O"


def _is_text(dtype):
    """Whether a pandas dtype is one of text alone."""
    return str(dtype) == "str" or str(dtype).startswith(("string", "large_string"))


def plain_dtype(dtype):
    """The numpy dtype behind a pandas dtype (nullable, Arrow, sparse or numpy itself)."""
    if isinstance(dtype, np.dtype):
        return dtype
    if _is_text(dtype):
        return np.dtype(object)
    inner = getattr(dtype, "numpy_dtype", None)
    if hasattr(dtype, "fill_value"):  # sparse
        inner = dtype.subtype
    return np.dtype(inner) if isinstance(inner, np.dtype) else np.dtype("V")


def without_rows(X):
    """A frame or series of the same kind without a row, its row labels and its attributes.

    By position: a slice of labels of type float would be one of their values. Levels of an index
    would stay, and a view would keep all rows.
    """
    blank = X.iloc[:0].reset_index(drop=True).copy()
    blank.attrs = {}
    return blank


def extend_index(index, n_new):
    """Index labels of the given rows, exactly as they are, followed by those of the new ones.

    An integer index goes on after its largest label, or with the smallest numbers that are free
    where its type has no room above; a text index with ``synthetic_0``, ...; where labels cannot
    be continued (dates, several levels) the new ones are missing.
    """
    import pandas as pd

    if isinstance(index, pd.MultiIndex) and len(index):
        return _extended_levels(index, n_new)
    if not len(index) or (isinstance(index, pd.RangeIndex) and index[0] == 0 and index.step == 1):
        return pd.RangeIndex(len(index) + n_new, name=index.name)
    if not n_new:
        return index.copy()
    index = _without_categories(index)
    if index.dtype.kind in "iu":
        return index.append(_further_numbers(index, n_new))
    if all(isinstance(label, str) for label in index):
        taken, stem = set(index), "synthetic_"
        while any(f"{stem}{i}" in taken for i in range(n_new)):
            stem = "_" + stem
        return index.append(pd.Index([f"{stem}{i}" for i in range(n_new)], name=index.name))
    blank = pd.Series([None] * n_new, dtype=object)
    missing = blank.astype(index.dtype if index.dtype.kind in "mMf" else object)
    return index.append(pd.Index(missing, name=index.name))


def _further_numbers(index, n_new):
    """Unused integers, as an index that can be appended without a change to floats.

    pandas has no common integer type of uint64 and int64: it would take float64.
    """
    import pandas as pd

    unsigned = index.dtype.kind == "u" and index.dtype.itemsize == 8
    wide = np.uint64 if unsigned else np.int64
    taken = index.dropna()
    start = int(taken.max()) + 1 if len(taken) else 0
    if start + n_new <= np.iinfo(np.int64).max and not unsigned:
        return pd.RangeIndex(start, start + n_new, name=index.name)
    if start + n_new <= np.iinfo(wide).max:
        numbers = np.arange(start, start + n_new, dtype=wide)
    else:
        candidates = np.arange(len(index) + n_new, dtype=wide)
        numbers = np.setdiff1d(candidates, taken.to_numpy(dtype=wide))[:n_new]
    return pd.Index(numbers, name=index.name).astype(index.dtype if unsigned else wide)


def _extended_levels(index, n_new):
    """An index of several levels, followed by missing labels.

    The levels stay. pandas shows a level of integers with missing labels as floats, so that
    those which floats cannot hold become a nullable type.
    """
    import pandas as pd

    index = index.remove_unused_levels()
    levels = [_nullable(level) for level in index.levels]
    codes = [np.append(codes, np.full(n_new, -1)) for codes in index.codes]
    return pd.MultiIndex(levels=levels, codes=codes, names=index.names)


def _nullable(level):
    """A level of an index; as a nullable type if it has integers that no float can hold."""
    import pandas as pd

    labels = _without_categories(level)
    plain = isinstance(labels.dtype, np.dtype) and labels.dtype.kind in "iu" and len(labels)
    if not plain or max(-int(labels.min()), int(labels.max())) <= 2**53:
        return level
    return pd.Index(pd.array(labels.to_numpy()), name=level.name)


def _without_categories(index):
    """The labels themselves where an index is one of categories."""
    import pandas as pd

    if not isinstance(index.dtype, pd.CategoricalDtype):
        return index
    labels = index.categories
    if index.hasnans and isinstance(labels.dtype, np.dtype) and labels.dtype.kind in "iu":
        whole = pd.array(labels.to_numpy()).take(index.codes, allow_fill=True)
        return pd.Index(whole, name=index.name)
    return index.astype(object if index.hasnans else labels.dtype)
