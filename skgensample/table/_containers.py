"""Kinds of tables: arrays, object arrays, and what all tables of columns share."""

from typing import Any

import numpy as np

from .._runtime.threads import CELLS, each, in_blocks
from ._categories import TEXT_BLOCK, CategoryCodec, column_modes, refusal
from ._columns import (
    EmptyCodec,
    FloatCodec,
    IntegerCodec,
    check_finite,
    coded_column,
    missing_cells,
    missing_text,
    number_codec,
    object_column,
    text_columns,
    without_scale,
)
from ._output import OutputBuffer, interleave, separate
from ._patterns import kept_pattern
from ._pii import column_fault, is_whole, personal_floats, personal_numbers, refuse_personal
from ._spelled import conversion, kind_of_objects, object_conversion


class Table:
    """What every container knows of the sampler that it is for; see `TableCodec`."""

    missing = learned = times = patterns = False
    #: Which numbers are refused; see `TableCodec`.
    numbers: str | None = None
    #: Columns that are never refused, and positions of an array's columns in a larger one.
    trusted: frozenset[Any] = frozenset()
    positions = None

    def wall_step(self, j):
        """Step of a column of zoned times in local time, None for any other column."""
        return None

    def is_calendar(self, j):
        """Whether a column holds dates as integers."""
        return getattr(getattr(self, "categories", {}).get(j), "calendar", False)

    @property
    def options(self):
        """What codecs of numbers want to know."""
        return {"missing": self.missing, "learned": self.learned}

    def fit_extend(self, X, categories, n_new):
        """Encode; see `TableCodec.fit_extend`."""
        return self.fit_encode(X, categories), None

    def finish(self, X, Z_new, room):
        """Given rows and decoded ones; see `TableCodec.finish`."""
        return self.concat(X, self.decode(Z_new))


class ArrayTable(Table):
    """A two-dimensional numpy array of one real dtype; `names` where a frame has some."""

    def __init__(self, names=None):
        self.names, self.frame = names, names is not None

    def fit_extend(self, X, categories, n_new):
        self.names = self.names if self.frame else self.positions or range(X.shape[1])
        modes = column_modes(categories, self.names, frame=self.frame)
        chosen = [j for j, mode in enumerate(modes) if mode == "all"]
        self.codec, self.categories = None, {}
        self.plain = np.setdiff1d(np.arange(X.shape[1]), chosen)
        native = X.dtype.newbyteorder("=")
        wide = np.float32 if native == np.float32 else np.float64
        room = OutputBuffer(X, n_new) if n_new is not None and native == wide else None
        if chosen:
            return self._coded(X, chosen, wide), room
        self.codec = number_codec(X, self.names, **self.options)
        Z = self.codec.encode(X)
        if not Z.flags.c_contiguous:
            Z = room.head() if room else np.ascontiguousarray(Z)
        self._refuse_identifiers(Z)
        if self.learned and isinstance(self.codec, IntegerCodec):
            self._keep_patterns(X, Z)
        return Z, room

    def _keep_patterns(self, X, Z):
        """Give columns of dates as integers, or of multiples, a codec of their own."""
        for j in range(X.shape[1]):
            codec, z = kept_pattern(IntegerCodec(X[:, j], [j]), Z[:, j], Z[:, j], scaled=True)
            if not isinstance(codec, IntegerCodec):
                self.categories[j], Z[:, j] = codec, z
        if self.categories:
            self.plain = np.setdiff1d(np.arange(X.shape[1]), list(self.categories))
            named = [self.names[j] for j in self.plain]
            self.codec = number_codec(X[:, self.plain], named) if named else None

    def _coded(self, X, chosen, wide):
        """Rows with codes in the columns of categories."""
        Z = np.empty(X.shape, wide)
        if self._keeps_floats(X.dtype.newbyteorder("=")) and X.dtype == wide:
            gaps = np.broadcast_to(check_finite(X, self.names, self.missing), X.shape[1])
            self.codec = number_codec(X[:0, self.plain], self.names) if len(self.plain) else None
            if self.codec is not None:
                self.codec.missing = gaps[self.plain]

            def keep(start, stop):
                Z[start:stop] = X[start:stop]

            in_blocks(keep, *X.shape)
            self._refuse_identifiers(Z)
        elif len(self.plain):
            numbers = separate(X, self.plain).T
            named = [self.names[j] for j in self.plain]
            self.codec = number_codec(numbers, named, **self.options)
            interleave(self.codec.encode(numbers).T, self.plain, Z)
            self._refuse_identifiers(Z)
        columns = separate(X, chosen)
        check_finite(columns.T, [self.names[j] for j in chosen], self.missing)
        codes = [None] * len(chosen)

        def encode(i):
            codec, codes[i] = coded_column(columns[i])
            self.categories[chosen[i]] = codec

        each(encode, range(len(chosen)), serial=X.size < CELLS)
        interleave(codes, chosen, Z)
        return Z

    def _keeps_floats(self, dtype):
        """Whether floats stand for themselves: then whole rows are copied faster than parts."""
        return dtype in (np.float32, np.float64) and not self.learned

    def _refuse_identifiers(self, Z):
        """Refuse whole numbers of people and, in models, of rows."""
        floats = isinstance(self.codec, FloatCodec)
        if self.numbers is None or (floats and not (self.learned or self.frame)):
            return
        rows = self.numbers == "all"
        reasons = {}
        for i, j in enumerate(self.plain.tolist()):
            z, name = Z[:, j], self.names[j]
            if j in self.trusted:
                continue
            if not floats:
                reasons[name] = personal_numbers(name, z, int(self.codec.lo[i]), rows=rows)
            elif is_whole(self.codec, i, z):
                reasons[name] = personal_floats(name, z[z == z], rows=rows)
        refuse_personal(reasons)

    def describe(self):
        facts = [codec.describe(1)[0] for codec in self.categories.values()]
        facts = dict(zip(self.categories, facts))
        if self.codec is not None:
            plain = self.plain.tolist()
            facts.update(zip(plain, self.codec.describe(len(plain))))
        return [facts[j] for j in range(len(self.names))]

    def decode(self, Z):
        if not self.categories:
            return self.codec.decode(Z)
        parts = {j: _levels(codec, Z[:, j]) for j, codec in self.categories.items()}
        dtype = next(iter(parts.values())).dtype.newbyteorder("=")
        if self._keeps_floats(dtype):
            rows = Z.astype(dtype)
        else:
            rows = np.empty(Z.shape, dtype)
            if len(self.plain):
                rows[:, self.plain] = self.codec.decode(Z[:, self.plain])
        for j, part in parts.items():
            rows[:, j] = part
        return rows

    def finish(self, X, Z_new, room):
        fresh = room is None
        room = OutputBuffer(X, len(Z_new)) if fresh else room

        def settle(start, stop):
            rows = Z_new[start:stop]
            made = self.decode(rows)
            if fresh or made is not rows:
                room.tail[start:stop] = made

        in_blocks(settle, len(Z_new), X.shape[1])
        return room.whole()

    def cells(self, X, j):
        return X[:, j].tolist()

    def concat(self, X, X_new):
        return np.concatenate([X, X_new])


def _levels(codec, z):
    """Decoded categories of a column of an array; NaN where they are missing."""
    if not getattr(codec, "missing", False):
        return codec.decode(z)
    gap = np.isnan(z)
    cells = codec.decode(np.where(gap, 0, z))
    cells[gap] = np.nan
    return cells


class ColumnTable(Table):
    """A table treated column by column; subclasses know the container."""

    _has_names = True
    #: Whose functions convert a column.
    _container = "pandas"

    def fit_encode(self, X, categories):
        self.names = self._names(X)
        self.template = self._without_rows(X)
        self.codecs, self.markers, columns, refused, reasons = [], {}, [], [], {}
        values = {}
        modes = column_modes(categories, self.names, frame=self._has_names)
        texts = self._texts(X)
        for j, (name, mode) in enumerate(zip(self.names, modes)):
            codec, z = texts.get(j) or self._encoded(j, self._cells(X, j), name, mode)
            there = z[z == z] if j in self.markers else z
            named = mode == "all" or self._declared(X, j)
            levels, fault = self._levels(j, codec), (None, None)
            if j not in self.trusted:
                fault = column_fault(name, codec, there, levels, mode, named, self.numbers)
            if isinstance(codec, CategoryCodec) and mode is None:
                refused.append(name)
            reasons[name], values[name] = fault
            if self.learned or (self.patterns and self._has_names):
                codec, z = kept_pattern(codec, z, there, scaled=self.learned)
            self.codecs.append(codec)
            columns.append(z)
        values = {name: kind for name, kind in values.items() if kind}
        refuse_personal(reasons, conversion(values, self._container) if values else None)
        if refused:
            raise TypeError(refusal(refused, categories))
        Z = np.empty((len(X), len(columns)), np.result_type(np.float32, *columns))
        interleave(columns, range(len(columns)), Z)
        return Z

    def _declared(self, X, j):
        """Whether a column's dtype says that it holds categories."""
        return False

    def _without_rows(self, X):
        """A table of the same kind and columns without a row, which keeps none alive."""
        return X[:0].copy()

    def _texts(self, X):
        """Codec and codes of columns of text alone, by position, as far as they come cheaper."""
        return {}

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

    def _objects(self, cells, name, mode, dtype="object"):
        """Codec and encoded values of a column of objects; dates and decimals are refused."""
        kind = kind_of_objects(cells)
        if kind:
            raise TypeError(self._to_convert(name, dtype, kind))
        return object_column(cells, name, mode, self.learned)

    def _to_convert(self, name, dtype, kind):
        """Error text for a column that has to become one of dates or numbers first."""
        if kind != "decimals" and not self.times:
            return without_scale(name, f"{dtype} ({kind})")
        return object_conversion(name, dtype, kind, self._container)

    def _taken(self, cells, rows):
        """Cells at the given rows."""
        return cells[rows]

    def _levels(self, j, codec):
        """Levels of a column of categories, else None."""
        return getattr(codec, "levels", None)

    def is_calendar(self, j):
        return getattr(self.codecs[j], "calendar", False)

    def wall_step(self, j):
        return getattr(self.codecs[j], "wall_step", None)

    def describe(self):
        facts = (codec.describe(1)[0] for codec in self.codecs)
        return [{**fact, "missing": j in self.markers} for j, fact in enumerate(facts)]

    def decode(self, Z):
        return self._build(self._decoded(Z))

    def _decoded(self, Z):
        """Decoded values of each column, and which are missing, if some may be."""
        columns = list(separate(Z))

        def decode(j):
            columns[j] = self._decoded_column(j, columns[j])

        each(decode, range(len(columns)), serial=Z.size < CELLS)
        return columns

    def _decoded_column(self, j, z):
        """Decoded values of one column, and which are missing, if some may be."""
        gap = np.isnan(z) if j in self.markers else None
        return self._values(j, z if gap is None else np.where(gap, 0, z)), gap

    def _values(self, j, z):
        """Decoded values of one column without missing cells."""
        return self.codecs[j].decode(z)


class ObjectTable(ColumnTable):
    """An object or string array: numbers stay numbers, text becomes categories."""

    _has_names = False
    _container = "array"

    def _names(self, X):
        return self.positions or range(X.shape[1])

    def _texts(self, X):
        found = text_columns(X.astype(object, copy=False))
        return {j: column for j, column in enumerate(found) if column is not None}

    def _cells(self, X, j):
        return X[:, j].astype(object)

    def _gap(self, cells):
        return missing_cells(cells)

    def _marker(self, cells, gap):
        return cells[gap.argmax()]

    def _column(self, cells, name, mode):
        return self._objects(cells, name, mode)

    def _build(self, columns):
        rows = np.empty((len(columns[0][0]), len(columns)), dtype=self.template.dtype)
        self._fill(rows, columns)
        return rows

    def _fill(self, rows, columns):
        for j, (values, gap) in enumerate(columns):
            rows[:, j] = values if values.dtype == object else values.tolist()
            if gap is not None:
                rows[gap, j] = self.markers[j]

    def finish(self, X, Z_new, room):
        room = OutputBuffer(X, len(Z_new))
        for start in range(0, len(Z_new), TEXT_BLOCK):
            part = slice(start, start + TEXT_BLOCK)
            self._fill(room.tail[part], self._decoded(Z_new[part]))
        return room.whole()

    def cells(self, X, j):
        return X[:, j].tolist()

    def concat(self, X, X_new):
        return np.concatenate([X, X_new])
