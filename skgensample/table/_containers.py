"""Kinds of tables: arrays, object arrays, pandas, polars, sparse; each knows one container."""

import numpy as np
from scipy import sparse

from ._categories import CategoryCodec, column_modes, observed, refusal
from ._columns import missing_text, number_codec, number_column, object_column

#: Dense copies of sparse tables above this many bytes are refused.
DENSE_LIMIT = 2**30


class ArrayTable:
    """A two-dimensional numpy array of one real dtype."""

    def fit_encode(self, X, categories):
        self.names = range(X.shape[1])
        modes = column_modes(categories, self.names, frame=False)
        chosen = [j for j, mode in enumerate(modes) if mode == "all"]
        self.codec, self.categories = None, {}
        if not chosen:
            self.codec = number_codec(X, self.names)
            return np.ascontiguousarray(self.codec.encode(X))
        self.plain = np.setdiff1d(self.names, chosen)
        Z = np.empty(X.shape, np.float32 if X.dtype == np.float32 else np.float64)
        for j in chosen:
            self.categories[j], Z[:, j] = number_column(X[:, j], j, "all")
        if len(self.plain):
            numbers = X[:, self.plain]
            self.codec = number_codec(numbers, self.plain.tolist())
            Z[:, self.plain] = self.codec.encode(numbers)
        return Z

    def describe(self):
        facts = [codec.describe(1)[0] for codec in self.categories.values()]
        facts = dict(zip(self.categories, facts))
        if self.codec is not None:
            plain = self.plain.tolist() if facts else self.names
            facts.update(zip(plain, self.codec.describe(len(plain))))
        return [facts[j] for j in self.names]

    def decode(self, Z):
        if not self.categories:
            return self.codec.decode(Z)
        parts = {j: codec.decode(Z[:, j]) for j, codec in self.categories.items()}
        rows = np.empty(Z.shape, next(iter(parts.values())).dtype.newbyteorder("="))
        for j, part in parts.items():
            rows[:, j] = part
        if len(self.plain):
            rows[:, self.plain] = self.codec.decode(Z[:, self.plain])
        return rows

    def cells(self, X, j):
        return X[:, j].tolist()

    def concat(self, X, X_new):
        return np.concatenate([X, X_new])


class ColumnTable:
    """A table treated column by column; subclasses know the container."""

    _has_names = True

    def fit_encode(self, X, categories):
        self.names = self._names(X)
        self.template = X[:0]
        self.codecs, columns, refused = [], [], []
        modes = column_modes(categories, self.names, frame=self._has_names)
        for j, (name, mode) in enumerate(zip(self.names, modes)):
            codec, z = self._column(X, j, name, mode)
            if isinstance(codec, CategoryCodec) and mode is None:
                refused.append(name)
            self.codecs.append(codec)
            columns.append(z)
        if refused:
            raise TypeError(refusal(refused, categories))
        for name, codec in zip(self.names, self.codecs):
            if isinstance(codec, CategoryCodec):
                codec.check_anonymous(name, len(X))
        Z = np.empty((len(X), len(columns)), np.result_type(np.float32, *columns))
        for j, z in enumerate(columns):
            Z[:, j] = z
        return Z

    def describe(self):
        return [codec.describe(1)[0] for codec in self.codecs]

    def decode(self, Z):
        return self._build([c.decode(Z[:, j]) for j, c in enumerate(self.codecs)])


class ObjectTable(ColumnTable):
    """An object or string array: numbers stay numbers, text becomes categories."""

    _has_names = False

    def _names(self, X):
        return range(X.shape[1])

    def _column(self, X, j, name, mode):
        return object_column(X[:, j].astype(object), name, mode)

    def _build(self, columns):
        rows = np.empty((len(columns[0]), len(columns)), dtype=self.template.dtype)
        for j, column in enumerate(columns):
            rows[:, j] = column.tolist()
        return rows

    def cells(self, X, j):
        return X[:, j].tolist()

    def concat(self, X, X_new):
        return np.concatenate([X, X_new])


class PandasTable(ColumnTable):
    """A pandas frame: each column keeps its dtype, given rows keep their index labels."""

    def _names(self, X):
        return X.columns.tolist()

    def _column(self, X, j, name, mode):
        series = X.iloc[:, j]
        missing = series.isna().to_numpy()
        if missing.any():
            raise ValueError(missing_text(name, int(np.flatnonzero(missing)[0])))
        if hasattr(series, "cat"):
            found, codes = observed(series.cat.codes.to_numpy())
            text = isinstance(series.cat.categories[found[0]], str)
            return CategoryCodec(found, text=text), codes
        plain = _plain_dtype(series.dtype)
        if plain.kind in "biuf":
            return number_column(series.to_numpy(dtype=plain), name, mode)
        if plain.kind in "OUST":
            return object_column(series.to_numpy(dtype=object), name, mode)
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

    def cells(self, X, j):
        return X.iloc[:, j].tolist()

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
    inner = getattr(dtype, "numpy_dtype", None)
    if hasattr(dtype, "fill_value"):  # sparse
        inner = dtype.subtype
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

    def _column(self, X, j, name, mode):
        series = X.to_series(j)
        missing = series.is_null().to_numpy()
        if missing.any():
            raise ValueError(missing_text(name, int(np.flatnonzero(missing)[0])))
        kind = series.dtype
        wide = str(kind) in ("Int128", "UInt128")
        if kind.is_nested() or kind.is_temporal() or kind.is_decimal() or wide:
            raise TypeError(_unsupported(name, kind))
        if kind.is_numeric() or str(kind) == "Boolean":
            return number_column(series.to_numpy(), name, mode)
        return object_column(np.array(series.to_list(), dtype=object), name, mode)

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

    def cells(self, X, j):
        return X.to_series(j).to_list()

    def concat(self, X, X_new):
        import polars as pl

        return pl.concat([X, X_new])


class SparseTable:
    """A scipy sparse matrix; ``Z`` is CSR, or dense where columns of categories are named."""

    def fit_encode(self, X, categories):
        self.names = range(X.shape[1])
        self.template = X[:0] if X.format in ("csr", "csc") else X.tocsr()[:0].asformat(X.format)
        self.dtype = X.dtype.newbyteorder("=")
        self.dense = None
        if "all" in column_modes(categories, self.names, frame=False):
            self.dense = ArrayTable()
            return self.dense.fit_encode(densified(X), categories)
        wide = np.float32 if self.dtype == np.float32 else np.float64
        Z = X.tocsr().astype(wide, copy=True)
        Z.sum_duplicates()
        if not np.isfinite(Z.data).all():
            cells = Z.tocoo()
            first = np.flatnonzero(~np.isfinite(cells.data))[0]
            where = int(cells.col[first]), int(cells.row[first])
            raise ValueError(missing_text(*where, np.isnan(cells.data[first])))
        if self.dtype.kind in "iu" and np.max(np.abs(Z.data), initial=0) >= 2**53:
            raise ValueError(
                "A sparse table with integers of 2**53 or more is not kept exact: convert it to "
                "float, or make it dense."
            )
        return Z

    def describe(self):
        if self.dense is not None:
            return self.dense.describe()
        return [{"kind": "integer" if self.dtype.kind in "biu" else "float"}] * len(self.names)

    def decode(self, Z):
        if self.dense is not None:
            return type(self.template)(self.dense.decode(Z))
        rows = sparse.csr_matrix(Z)
        if self.dtype.kind in "biu":
            rows.data = np.rint(rows.data)
            rows.eliminate_zeros()
        return type(self.template)(rows.astype(self.dtype))

    def cells(self, X, j):
        return X.toarray()[:, j].tolist()

    def concat(self, X, X_new):
        return sparse.vstack([X, X_new], format=X.format, dtype=X.dtype)


def densified(X):
    """Dense copy of a sparse table, refused when it would be too large."""
    size = X.shape[0] * X.shape[1] * X.dtype.itemsize
    if size > DENSE_LIMIT:
        raise ValueError(
            f"This sampler works on dense rows and would need {size} bytes for this sparse "
            f"table (limit {DENSE_LIMIT}): reduce its columns first."
        )
    return X.toarray()


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
