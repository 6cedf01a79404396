"""The only ``fit_resample`` body: a sampler answers "draw n new rows of class c", no more.

A sampler implements two hooks, ``_fit_generator`` and ``_generate``; validation, target counts,
encoding, exact counts, seeds and assembly are written once, here.
"""

import numpy as np
from imblearn.over_sampling.base import BaseOverSampler as _ImblearnOverSampler
from scipy import sparse
from sklearn.utils._param_validation import validate_parameter_constraints

from .._runtime.random_streams import Streams
from .._sampling_strategy import checked_rows, class_counts, rows_wanted
from ..table import RowCodec, TableCodec, Target, densified
from ..table._validation import check_table, name_constructor


class BaseOverSampler(_ImblearnOverSampler):
    """Base of every sampler: validate, count, encode, generate class by class, assemble.

    Subclasses implement ``_fit_generator(Z, y, columns, rng)``, which returns whatever
    ``_generate(model, label, n, rng, out)`` needs; that model is not kept on the estimator.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn.
    random_state : int, RandomState instance or None, default=None
        Seed. An int gives the same rows on every call.
    """

    #: Columns of categories; see `TableCodec`.
    _categories = None
    #: Whether missing cells are taken, NaN in ``Z``, and whether a model of the table makes the
    #: rows; see `TableCodec`.
    _allow_missing = False
    _learns_table = False
    _accepts_sparse_encoding = False
    #: Whether new rows are given rows, taken whole.
    _repeats_rows = False
    _min_class_rows = 2
    #: Whether `_fit_generator` draws, else it gets None: to seed a stream takes time.
    _trains = True
    #: Whether new rows are finite because given rows are, so that nobody needs to look.
    _keeps_finite = False
    _parameter_constraints: dict = {**_ImblearnOverSampler._parameter_constraints}

    def __init__(self, *, sampling_strategy="auto", random_state=None):
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        name_constructor(cls)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._allow_missing
        return tags

    def fit(self, X, y):
        """Check inputs and count the rows that each class lacks.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame} of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,)
            Labels.

        Returns
        -------
        self : object
            The sampler. Use `fit_resample` to get rows.
        """
        self._or_unchanged(self._encode, X, y)
        return self

    def fit_resample(self, X, y):
        """Return the given rows followed by the new ones.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame} of shape (n_samples, n_features)
            Data: numbers, and text or categories where the sampler takes them.
        y : array-like of shape (n_samples,)
            Labels.

        Returns
        -------
        X_resampled : same kind as X, of shape (n_samples_new, n_features)
            Given rows first, unchanged; then the new rows, class by class.
        y_resampled : same kind as y, of shape (n_samples_new,)
            Their labels.

        Raises
        ------
        ValueError
            If the input is not usable or a class to be sampled has too few rows.
        TypeError
            If a column's type is not supported.
        """
        return self._or_unchanged(self._fit_resample, X, y)

    def _or_unchanged(self, method, X, y):
        """Call; whatever is raised, the estimator is left as it was before.

        The strategy of an earlier table is dropped first, so that this table's is computed afresh.
        """
        before = self.__dict__.copy()
        self.__dict__.pop("sampling_strategy_", None)
        try:
            return method(X, y)
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    def _check(self, X, y):
        """Validate parameters and input; set `sampling_strategy_` and the feature names.

        A `sampling_strategy_` that is already set is obeyed: imbalanced-learn's protocol for
        wrappers is to set it and to call `_fit_resample`.
        """
        validate_parameter_constraints(
            self._parameter_constraints, vars(self), caller_name=type(self).__name__
        )
        target = Target(y)
        table = check_table(self, X, target)
        counts = class_counts(target.labels)
        if "sampling_strategy_" in vars(self):
            self.sampling_strategy_ = checked_rows(self.sampling_strategy_, counts)
        else:
            self.sampling_strategy_ = rows_wanted(self.sampling_strategy, target.labels, counts)
        return table, target, counts

    def _encode(self, X, y, *, extend=False):
        """Validate and encode.

        Returns
        -------
        table, target, codec, Z
            The table, its target, its codec and the encoded rows.
        room : Room or None
            With `extend`, where the new rows may be put behind the given ones.
        """
        table, target, counts = self._check(X, y)
        self._check_class_sizes(counts)
        codec = self._codec()
        n_new = sum(self.sampling_strategy_.values()) if extend else None
        Z, room = codec.fit_extend(table, n_new)
        if sparse.issparse(Z) and not self._accepts_sparse_encoding:
            Z = densified(Z)
        return table, target, codec, Z, room

    def _codec(self):
        """A fresh codec of the kind that the sampler works with."""
        if self._repeats_rows:
            return RowCodec()
        return TableCodec(
            categories=self._categories, missing=self._allow_missing, learned=self._learns_table
        )

    def _check_class_sizes(self, counts):
        """Refuse classes too small to learn from."""
        for label, n_new in self.sampling_strategy_.items():
            count = counts[label]
            if n_new and count < self._min_class_rows:
                raise ValueError(
                    f"Class {plain_label(label)!r} has {count} row(s), and "
                    f"{type(self).__name__} needs at least {self._min_class_rows} to make new "
                    "ones. Collect more rows, repeat "
                    "them with NumbaRandomOverSampler, or leave the class out with "
                    "sampling_strategy={label: count}."
                )

    def _remember(self, model, target, codec):
        """Keep what later calls need; nothing by default."""

    def _keeps_given(self):
        """Whether the given rows stand before the new ones."""
        return True

    def _draw_counts(self, labels):
        """Rows to draw of each class."""
        return self.sampling_strategy_

    def _fit_resample(self, X, y):
        """Carry data along the whole path."""
        given = self._keeps_given()
        table, target, codec, Z, room = self._encode(X, y, extend=given)
        streams = Streams(self.random_state)
        columns = None if sparse.issparse(Z) else codec.columns
        rng = streams.training() if self._trains else None
        model = self._fit_generator(Z, target.labels, columns, rng)
        self._remember(model, target, codec)
        counts = self._draw_counts(target.labels)
        Z_new = self._draw(model, counts, streams, Z, codec.columns, out=room and room.tail)
        X_all = codec.finish(table, Z_new, room) if given else codec.decode(Z_new)
        return self._labelled(X, X_all, target if given else target.empty(), counts)

    def _labelled(self, X, X_all, target, counts):
        """Rows as a list where X is one, and their labels; notes which rows are new."""
        new_labels = _repeated(counts, target.labels.dtype)
        n_given = len(target.labels)
        self.is_synthetic_ = np.zeros(n_given + len(new_labels), dtype=bool)
        self.is_synthetic_[n_given:] = True
        y_all = target.extended(new_labels, getattr(X_all, "index", None))
        return X_all.tolist() if isinstance(X, list) else X_all, y_all

    def _draw(self, model, counts, streams, like, columns, *, out=None, places=None):
        """Draw every class into one matrix; `like` says its width, dtype and sparsity.

        `places` says which stream each class draws from, by default one after the other.
        """
        total = sum(counts.values())
        if sparse.issparse(like):
            parts = [like[:0]] + [
                self._generate(model, label, n, streams.next(places and places[label]), None)
                for label, n in counts.items()
                if n
            ]
            return sparse.vstack(parts, format="csr", dtype=like.dtype)
        if out is None:
            out = np.empty((total, like.shape[1]), like.dtype)
        start = 0
        for label, n in counts.items():
            if not n:
                continue
            place = out[start : start + n]
            stream = streams.next(places and places[label])
            made = self._generate(model, label, n, stream, place)
            if made is not place:
                place[:] = made
            if not self._keeps_finite:
                self._check_finite(place, label, columns)
            start += n
        return out

    def _check_finite(self, Z_new, label, columns):
        """Refuse rows of a class with cells that are neither numbers nor allowed to be missing."""
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(Z_new.sum()):  # one pass without a copy; almost always enough
                return
        for column, cells in zip(columns, Z_new.T):
            bad = np.isinf(cells) if column.missing else ~np.isfinite(cells)
            if bad.any():
                raise FloatingPointError(
                    f"{type(self).__name__} generated {np.count_nonzero(bad)} values that are not "
                    f"finite for class {plain_label(label)!r} in column {column.name!r}, which has "
                    "no missing cell. No row is returned. Fit again with another random_state or "
                    "a lower learning_rate, and report this as a fault of skgensample."
                )


def plain_label(label):
    """Show a label without numpy's wrapping."""
    return label.item() if isinstance(label, np.generic) else label


def _repeated(counts, dtype):
    """One label for each row to be drawn."""
    return np.repeat(np.array(list(counts), dtype=dtype), list(counts.values()))
