"""Kinds of tables: arrays, object arrays, pandas, polars, sparse; each knows one container."""

import numpy as np
from scipy import sparse

from ._columns import CategoryCodec, missing_text, number_codec, object_codec, refusal


class ArrayTable:
    """A two-dimensional numpy array of one real dtype."""

    def fit_encode(self, X, categorical):
        self.names = range(X.shape[1])
        self.codec = number_codec(X, self.names)
        return self.codec.encode(X)

    def describe(self):
        return self.codec.describe(len(self.names))

    def decode(self, Z):
        return self.codec.decode(Z)

    def concat(self, X, X_new):
        return np.concatenate([X, X_new])


class ColumnTable:
    """A table treated column by column; subclasses know the container."""

    def fit_encode(self, X, categorical):
        self.names = self._names(X)
        self.template = X[:0]
        self.codecs, columns, refused = [], [], []
        for j, name in enumerate(self.names):
            codec, z = self._column(X, j, name)
            if isinstance(codec, CategoryCodec) and not categorical:
                refused.append(name)
            self.codecs.append(codec)
            columns.append(z)
        if refused:
            raise TypeError(refusal(refused))
        for name, codec in zip(self.names, self.codecs):
            if isinstance(codec, CategoryCodec):
                codec.check_anonymous(name, len(X))
        return np.ascontiguousarray(np.array(columns, dtype=np.result_type(*columns)).T)

    def describe(self):
        return [codec.describe(1)[0] for codec in self.codecs]

    def decode(self, Z):
        return self._build([c.decode(Z[:, j]) for j, c in enumerate(self.codecs)])


class ObjectTable(ColumnTable):
    """An object or string array: numbers stay numbers, text becomes categories."""

    def _names(self, X):
        return range(X.shape[1])

    def _column(self, X, j, name):
        return object_codec(X[:, j].astype(object), name)

    def _build(self, columns):
        rows = np.empty((len(columns[0]), len(columns)), dtype=self.template.dtype)
        for j, column in enumerate(columns):
            rows[:, j] = column.tolist()
        return rows

    def concat(self, X, X_new):
        return np.concatenate([X, X_new])


class PandasTable(ColumnTable):
    """A pandas frame: each column keeps its dtype, given rows keep their index labels."""

    def _names(self, X):
        return X.columns.tolist()

    def _column(self, X, j, name):
        series = X.iloc[:, j]
        missing = series.isna().to_numpy()
        if missing.any():
            raise ValueError(missing_text(name, int(np.flatnonzero(missing)[0])))
        if hasattr(series, "cat"):
            observed, codes = np.unique(series.cat.codes.to_numpy(), return_inverse=True)
            return CategoryCodec(observed), codes.astype(np.float64)
        plain = _plain_dtype(series.dtype)
        if plain.kind in "biuf":
            values = series.to_numpy(dtype=plain)
            codec = number_codec(values, [name])
            return codec, codec.encode(values)
        if plain.kind in "OUST":
            return object_codec(series.to_numpy(dtype=object), name)
        raise TypeError(_unsupported(name, series.dtype))

    def _build(self, columns):
        import pandas as pd

        made = {}
        for j, (values, dtype) in enumerate(zip(columns, self.template.dtypes)):
            if isinstance(dtype, pd.CategoricalDtype):
                made[j] = pd.Categorical.from_codes(values, dtype=dtype)
            elif isinstance(dtype, pd.SparseDtype):
                made[j] = pd.arrays.SparseArray(values, dtype=dtype)
            else:
                made[j] = pd.Series(values, dtype=dtype)
        frame = pd.DataFrame(made)
        frame.columns = self.template.columns
        return frame

    def concat(self, X, X_new):
        import pandas as pd

        labels = extend_index(X.index, len(X_new))
        both = pd.concat([X, X_new], axis=0, ignore_index=True)
        both.index = labels
        return both


def _plain_dtype(dtype):
    """The numpy dtype behind a pandas dtype (nullable, Arrow, sparse or numpy itself)."""
    if isinstance(dtype, np.dtype):
        return dtype
    if str(dtype) == "str" or str(dtype).startswith(("string", "large_string")):
        return np.dtype(object)
    inner = getattr(dtype, "numpy_dtype", None) or getattr(dtype, "subtype", None)
    return np.dtype(inner) if isinstance(inner, np.dtype) else np.dtype("V")


def _unsupported(name, dtype):
    """Why a column of dates, intervals, lists ... is refused."""
    return (
        f"Column {name!r} has dtype {dtype}, which is not supported: convert it to numbers first."
    )


def extend_index(index, n_new):
    """Index labels of the given rows followed by those of the new ones.

    An integer index goes on after its largest label, a text index with ``synthetic_0``, ...;
    where labels cannot be continued (dates, several levels) the new ones are missing.
    """
    import pandas as pd

    if isinstance(index, pd.MultiIndex) and len(index):
        codes = [[-1] * n_new] * index.nlevels
        blank = pd.MultiIndex(levels=index.levels, codes=codes, names=index.names)
        return index.append(blank)
    if not len(index) or (isinstance(index, pd.RangeIndex) and index[0] == 0 and index.step == 1):
        return pd.RangeIndex(len(index) + n_new, name=index.name)
    if index.dtype.kind in "iu" and int(index.max()) < np.iinfo(np.int64).max - n_new:
        start = int(index.max()) + 1
        return index.append(pd.RangeIndex(start, start + n_new, name=index.name))
    if n_new and all(isinstance(label, str) for label in index):
        taken, stem = set(index), "synthetic_"
        while any(f"{stem}{i}" in taken for i in range(n_new)):
            stem = "_" + stem
        return index.append(pd.Index([f"{stem}{i}" for i in range(n_new)], name=index.name))
    blank = pd.Series([None] * n_new, dtype=object)
    missing = blank.astype(index.dtype if index.dtype.kind in "mMf" else object)
    return index.append(pd.Index(missing, name=index.name))


class PolarsTable(ColumnTable):
    """A polars frame, through its own constructors only."""

    def _names(self, X):
        return list(X.columns)

    def _column(self, X, j, name):
        series = X.to_series(j)
        missing = series.is_null().to_numpy()
        if missing.any():
            raise ValueError(missing_text(name, int(np.flatnonzero(missing)[0])))
        kind = series.dtype
        if kind.is_nested() or kind.is_temporal() or kind.is_decimal():
            raise TypeError(_unsupported(name, kind))
        if kind.is_numeric() or str(kind) == "Boolean":
            values = series.to_numpy()
            codec = number_codec(values, [name])
            return codec, codec.encode(values)
        return object_codec(np.array(series.to_list(), dtype=object), name)

    def _build(self, columns):
        import polars as pl

        dtypes = self.template.schema
        return pl.DataFrame(
            [
                pl.Series(name, values.tolist() if values.dtype == object else values).cast(
                    dtypes[name]
                )
                for name, values in zip(self.names, columns)
            ]
        )

    def concat(self, X, X_new):
        import polars as pl

        return pl.concat([X, X_new])


class SparseTable:
    """A scipy sparse matrix; ``Z`` is CSR."""

    def fit_encode(self, X, categorical):
        self.names = range(X.shape[1])
        self.template = X[:0] if X.format in ("csr", "csc") else X.tocsr()[:0].asformat(X.format)
        self.dtype = X.dtype.newbyteorder("=")
        wide = np.float32 if self.dtype == np.float32 else np.float64
        Z = X.tocsr().astype(wide, copy=True)
        Z.sum_duplicates()
        if not np.isfinite(Z.data).all():
            cells = Z.tocoo()
            first = np.flatnonzero(~np.isfinite(cells.data))[0]
            where = int(cells.col[first]), int(cells.row[first])
            raise ValueError(missing_text(*where, np.isnan(cells.data[first])))
        return Z

    def describe(self):
        return [{"kind": "integer" if self.dtype.kind in "biu" else "float"}] * len(self.names)

    def decode(self, Z):
        rows = sparse.csr_matrix(Z)
        if self.dtype.kind in "biu":
            rows.data = np.rint(rows.data)
            rows.eliminate_zeros()
        return type(self.template)(rows.astype(self.dtype))

    def concat(self, X, X_new):
        return sparse.vstack([X, X_new], format=X.format, dtype=X.dtype)


def is_instance(X, module, name):
    """Whether X is a ``module.name``, without importing the module."""
    return any(
        base.__name__ == name and base.__module__.split(".")[0] == module
        for base in type(X).__mro__
    )


def table_for(X):
    """A fresh table of the kind of X."""
    if is_instance(X, "pandas", "DataFrame"):
        return PandasTable()
    if is_instance(X, "polars", "DataFrame"):
        return PolarsTable()
    if sparse.issparse(X):
        return SparseTable()
    return ObjectTable() if X.dtype.kind in "OUST" else ArrayTable()
