"""Kinds of tables: arrays, object arrays, pandas, polars; each knows one container."""

import numpy as np

from ._categories import CategoryCodec, column_modes, observed, refusal
from ._columns import (
    EmptyCodec,
    IntegerCodec,
    missing_cells,
    missing_text,
    number_codec,
    number_column,
    object_column,
)
from ._personal import leak, personal_numbers, refuse_personal
from ._temporal import TimeCodec, pandas_times, polars_times, to_pandas, to_polars


class Table:
    """What every container knows of the sampler that it is for; see `TableCodec`."""

    missing = learned = False

    @property
    def options(self):
        """What codecs of numbers want to know."""
        return {"missing": self.missing, "learned": self.learned}


class ArrayTable(Table):
    """A two-dimensional numpy array of one real dtype."""

    def fit_encode(self, X, categories):
        self.names = range(X.shape[1])
        modes = column_modes(categories, self.names, frame=False)
        chosen = [j for j, mode in enumerate(modes) if mode == "all"]
        self.codec, self.categories = None, {}
        if not chosen:
            self.codec = number_codec(X, self.names, **self.options)
            Z = np.ascontiguousarray(self.codec.encode(X))
            self._refuse_identifiers(self.names, Z)
            return Z
        self.plain = np.setdiff1d(self.names, chosen)
        Z = np.empty(X.shape, np.float32 if X.dtype == np.float32 else np.float64)
        for j in chosen:
            self.categories[j], Z[:, j] = number_column(X[:, j], j, "all")
        if len(self.plain):
            numbers = X[:, self.plain]
            self.codec = number_codec(numbers, self.plain.tolist(), **self.options)
            Z[:, self.plain] = self.codec.encode(numbers)
            self._refuse_identifiers(self.plain.tolist(), Z)
        return Z

    def _refuse_identifiers(self, plain, Z):
        """Refuse integers that tell rows apart, where a model would learn them."""
        if self.learned and isinstance(self.codec, IntegerCodec):
            least = self.codec.lo.tolist()
            refuse_personal({j: personal_numbers(j, Z[:, j], lo) for j, lo in zip(plain, least)})

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


class ColumnTable(Table):
    """A table treated column by column; subclasses know the container."""

    _has_names = True

    def fit_encode(self, X, categories):
        self.names = self._names(X)
        self.template = X[:0]
        self.codecs, self.markers, columns, refused, reasons = [], {}, [], [], {}
        modes = column_modes(categories, self.names, frame=self._has_names)
        for j, (name, mode) in enumerate(zip(self.names, modes)):
            codec, z = self._encoded(j, self._cells(X, j), name, mode)
            if isinstance(codec, CategoryCodec) and mode is None:
                refused.append(name)
            self.codecs.append(codec)
            columns.append(z)
            there = z[z == z] if j in self.markers else z
            reasons[name] = leak(name, codec, there, self._levels(j), self.learned)
        refuse_personal(reasons)
        if refused:
            raise TypeError(refusal(refused, categories))
        Z = np.empty((len(X), len(columns)), np.result_type(np.float32, *columns))
        for j, z in enumerate(columns):
            Z[:, j] = z
        return Z

    def _encoded(self, j, cells, name, mode):
        """Codec and encoded cells of a column; remembers what stands for missing ones in it."""
        gap = self._gap(cells)
        if not gap.any():
            return self._column(cells, name, mode)
        if not self.missing:
            raise ValueError(missing_text(name, int(np.flatnonzero(gap)[0])))
        self.markers[j] = self._marker(cells, gap)
        if gap.all():
            return EmptyCodec(), np.full(len(gap), np.nan)
        rows = np.arange(len(gap))
        rows[gap] = gap.argmin()
        codec, z = self._column(self._taken(cells, rows), name, mode)
        return codec, np.where(gap, np.nan, z)

    def _taken(self, cells, rows):
        """Cells at the given rows."""
        return cells[rows]

    def _levels(self, j):
        """Levels of a column of categories, else None."""
        return getattr(self.codecs[j], "levels", None)

    def describe(self):
        facts = (codec.describe(1)[0] for codec in self.codecs)
        return [{**fact, "missing": j in self.markers} for j, fact in enumerate(facts)]

    def decode(self, Z):
        columns = []
        for j, (z, codec) in enumerate(zip(Z.T, self.codecs)):
            gap = np.isnan(z) if j in self.markers else None
            columns.append((codec.decode(z if gap is None else np.where(gap, 0, z)), gap))
        return self._build(columns)


class ObjectTable(ColumnTable):
    """An object or string array: numbers stay numbers, text becomes categories."""

    _has_names = False

    def _names(self, X):
        return range(X.shape[1])

    def _cells(self, X, j):
        return X[:, j].astype(object)

    def _gap(self, cells):
        return missing_cells(cells)

    def _marker(self, cells, gap):
        return cells[gap.argmax()]

    def _column(self, cells, name, mode):
        return object_column(cells, name, mode, self.learned)

    def _build(self, columns):
        rows = np.empty((len(columns[0][0]), len(columns)), dtype=self.template.dtype)
        for j, (values, gap) in enumerate(columns):
            rows[:, j] = values.tolist()
            if gap is not None:
                rows[gap, j] = self.markers[j]
        return rows

    def cells(self, X, j):
        return X[:, j].tolist()

    def concat(self, X, X_new):
        return np.concatenate([X, X_new])


class PandasTable(ColumnTable):
    """A pandas frame: each column keeps its dtype, given rows keep their index labels."""

    def _names(self, X):
        return X.columns.tolist()

    def _cells(self, X, j):
        return X.iloc[:, j]

    def _gap(self, cells):
        return cells.isna().to_numpy()

    def _marker(self, cells, gap):
        return cells.iloc[int(gap.argmax())] if cells.dtype == object else None

    def _taken(self, cells, rows):
        return cells.iloc[rows]

    def _levels(self, j):
        levels, column = super()._levels(j), self.template.iloc[:, j]
        named = levels is not None and hasattr(column, "cat")
        return column.cat.categories[levels] if named else levels

    def _column(self, cells, name, mode):
        if hasattr(cells, "cat"):
            found, codes = observed(cells.cat.codes.to_numpy())
            text = isinstance(cells.cat.categories[found[0]], str)
            return CategoryCodec(found, text=text), codes
        if cells.dtype.kind in "mM" and not hasattr(cells.dtype, "pyarrow_dtype"):
            if self.learned:
                return pandas_times(cells, name)
            raise TypeError(_without_scale(name, cells.dtype))
        plain = _plain_dtype(cells.dtype)
        if plain.kind in "biuf":
            return number_column(cells.to_numpy(dtype=plain), name, mode, self.learned)
        if plain.kind in "OUST":
            return object_column(cells.to_numpy(dtype=object), name, mode, self.learned)
        raise TypeError(_unsupported(name, cells.dtype))

    def _build(self, columns):
        import pandas as pd

        made = {j: self._restored(j, *column) for j, column in enumerate(columns)}
        frame = pd.DataFrame(made)
        frame.columns = self.template.columns
        return frame

    def cells(self, X, j):
        return X.iloc[:, j].tolist()

    def take(self, X, rows):
        return X.iloc[rows]

    def _restored(self, j, values, gap):
        """One column in its own dtype, missing cells in their own way."""
        import pandas as pd

        codec, dtype = self.codecs[j], self.template.dtypes.iloc[j]
        if isinstance(codec, EmptyCodec):
            return pd.Series([self.markers[j]] * len(values), dtype=dtype)
        if isinstance(dtype, pd.CategoricalDtype):
            codes = values if gap is None else np.where(gap, -1, values)
            return pd.Categorical.from_codes(codes, dtype=dtype)
        if isinstance(dtype, pd.SparseDtype):
            cells = values if gap is None else np.where(gap, np.nan, values)
            return pd.arrays.SparseArray(cells, dtype=dtype)
        if gap is not None and dtype.kind == "O" and isinstance(dtype, np.dtype):
            values = values.astype(object)
            values[gap] = self.markers[j]
            return pd.Series(values, dtype=dtype)
        timed = isinstance(codec, TimeCodec)
        made = to_pandas(codec, values, dtype) if timed else pd.Series(values, dtype=dtype)
        return made if gap is None else made.mask(gap)

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


def _without_scale(name, dtype):
    """Why dates are refused where rows are compared by distance."""
    return (
        f"Column {name!r} has dtype {dtype}: this sampler compares rows by distance, and dates "
        "have no unit in common with numbers. Convert it to a number in a unit that suits, e.g. "
        "days since the first, or use a sampler that learns the table (GANOversampler, "
        "CTGANResampler)."
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
            if self.learned:
                return polars_times(cells, name)
            raise TypeError(_without_scale(name, kind))
        wide = str(kind) in ("Int128", "UInt128")
        if kind.is_nested() or kind.is_decimal() or wide:
            raise TypeError(_unsupported(name, kind))
        if kind.is_numeric() or str(kind) == "Boolean":
            return number_column(cells.to_numpy(), name, mode, self.learned)
        values = np.array(cells.to_list(), dtype=object)
        return object_column(values, name, mode, self.learned)

    def _build(self, columns):
        import polars as pl

        return pl.DataFrame([self._restored(j, *column) for j, column in enumerate(columns)])

    def _restored(self, j, values, gap):
        """One column in its own dtype, missing cells in their own way."""
        import polars as pl

        name, codec = self.names[j], self.codecs[j]
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


def is_instance(X, module, name):
    """Whether X is a ``module.name``, without importing the module."""
    return any(
        base.__name__ == name and base.__module__.split(".")[0] == module
        for base in type(X).__mro__
    )
