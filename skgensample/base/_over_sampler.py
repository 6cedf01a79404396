"""Template method ``fit_resample``, the only one of the package.

A sampler implements two hooks: ``_fit_generator`` learns from the encoded table and ``_generate``
returns n new rows of one class. Validation, class counts, encoding, random streams and assembly
of the result are implemented once, here.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from imblearn.over_sampling.base import BaseOverSampler as _ImblearnOverSampler
from scipy import sparse
from sklearn.utils._param_validation import StrOptions

from .._runtime.random_streams import Streams
from .._sampling_strategy import checked_rows, class_counts, rows_wanted
from .._suggestions import SuggestingParameters, check_parameters
from .._typing import (
    Constraints,
    Labels,
    MatrixLike,
    Personal,
    SamplingStrategy,
    Schema,
    Seed,
    Table,
    VectorLike,
)
from ..constraints._codec import ConstrainedCodec
from ..table import (
    FakeColumns,
    RowCodec,
    SetAsideCodec,
    TableCodec,
    Target,
    densified,
    set_aside,
)
from ..table._validation import check_table, name_constructor
from ._memory import refuse_table
from ._representation import CountsRepresentation
from ._valid_rows import fill_with_valid, plain_label


class BaseOverSampler(CountsRepresentation, SuggestingParameters, _ImblearnOverSampler):
    """Base of every sampler: validate, count, encode, generate each class, assemble.

    Subclasses implement ``_fit_generator(Z, y, columns, rng)``, which returns whatever
    ``_generate(model, label, n, rng, out)`` needs; that model is not kept on the estimator.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn.
    random_state : int, RandomState instance or None, default=None
        Seed. An int gives the same rows on every call.
    personal : {"refuse", "fake"} or FakeColumns, default="refuse"
        What to do with columns that identify people or rows: refuse the table, or replace their
        values in new rows by invented ones; see `FakeColumns`.
    schema : TableSchema or dict, default=None
        Kinds of columns that are not to be detected; see `table_schema`.
    constraints : list of constraint, default=None
        Rules that every new row satisfies; see `skgensample.constraints`.
    """

    #: Which columns are categorical; see `TableCodec`.
    _categories: Any = None
    #: Whether missing cells are accepted (NaN in ``Z``), and whether new rows come from a model
    #: of the table instead of interpolation; see `TableCodec`.
    _allow_missing = False
    _learns_table = False
    #: Whether one-hot groups, dates as integers and multiples are found and kept in frames.
    _keeps_patterns = False
    #: One-hot groups, where only some rows are given; see `skgensample.distributed`.
    _groups: Any = None
    #: Whether dates and durations are taken, as whole steps, though no model is learned.
    _takes_times = False
    _accepts_sparse_encoding = False
    #: Whether new rows are copies of input rows.
    _repeats_rows = False
    _min_class_rows = 2
    #: Whether `_fit_generator` uses random numbers; if not, `rng` is None, which saves seeding.
    _trains = True
    #: Whether new rows are finite by construction if the input is, so that no check is needed.
    _keeps_finite = False
    _parameter_constraints: dict = {
        **_ImblearnOverSampler._parameter_constraints,
        "personal": [StrOptions({"refuse", "fake"}), FakeColumns],
        "schema": [Mapping, None],
        "constraints": "no_validation",
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        personal: Personal = "refuse",
        schema: Schema = None,
        constraints: Constraints = None,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.random_state = random_state
        self.personal = personal
        self.schema = schema
        self.constraints = constraints

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        name_constructor(cls)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._allow_missing
        return tags

    def fit(self, X: MatrixLike, y: VectorLike) -> Self:
        """Check inputs and compute the number of rows to generate for each class.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame} of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,)
            Labels.

        Returns
        -------
        self : object
            The sampler. Use `fit_resample` to get the resampled data.

        Raises
        ------
        ValueError
            If the input is not usable or a class to be sampled has too few rows.
        TypeError
            If a column's type is not supported.
        """
        self._on_copy("_encode", X, y)
        return self

    def fit_resample(self, X: Table, y: Labels) -> tuple[Table, Labels]:
        """Resample: return the input rows followed by the generated ones.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame} of shape (n_samples, n_features)
            Numeric columns, and text or categorical columns if the sampler supports them.
        y : array-like of shape (n_samples,)
            Labels.

        Returns
        -------
        X_resampled : same kind as X, of shape (n_samples_new, n_features)
            Input rows first, unchanged; then the generated rows, ordered by class.
        y_resampled : same kind as y, of shape (n_samples_new,)
            Their labels.

        Raises
        ------
        ValueError
            If the input is not usable or a class to be sampled has too few rows.
        TypeError
            If a column's type is not supported.
        """
        return self._on_copy("_fit_resample", X, y)

    def _on_copy(self, method, *arguments):
        """Call a method on a copy of the sampler, and take over its attributes at the end.

        A call that raises anything changes nothing, and calls in several threads do not see each
        other; the attributes are those of the call that ends last. A `sampling_strategy_` left by
        an earlier call is not copied, so that it is computed anew for this table. What callbacks
        set on the sampler meanwhile is kept.
        """
        call, held, before = object.__new__(type(self)), vars(self), dict(vars(self))
        vars(call).update(before)
        vars(call).pop("sampling_strategy_", None)
        made = getattr(call, method)(*arguments)
        if vars(self) is held:  # and no other call has ended
            vars(call).update(_set_meanwhile(before, held, vars(call)))
        self.__dict__ = vars(call)
        return made

    def _fit_copies(self):
        """Copies of the table in float64 that are held while a model is fitted."""
        return 0

    def _check(self, X, y):
        """Validate parameters and input; set class counts, `sampling_strategy_`, feature names.

        A `sampling_strategy_` that is already set is used as it is: wrappers of imbalanced-learn
        set it and call `_fit_resample`.
        """
        check_parameters(self._parameter_constraints, vars(self), type(self).__name__)
        target = y if isinstance(y, Target) else Target(y)
        table = check_table(self, X, target)
        counts = class_counts(target.labels)
        self.class_counts_ = counts
        if "sampling_strategy_" in vars(self):
            self.sampling_strategy_ = checked_rows(self.sampling_strategy_, counts)
        else:
            self.sampling_strategy_ = rows_wanted(self.sampling_strategy, target.labels, counts)
        return table, target, counts

    def _encode(self, X, y, *, extend=False):
        """Validate and encode the input.

        Returns
        -------
        table, target, codec, Z
            The table, its target, its fitted codec and the encoded rows.
        buffer : OutputBuffer or None
            With `extend`, the output matrix whose tail may receive the new rows.
        """
        table, target, counts = self._check(X, y)
        self._check_class_sizes(counts)
        ruled = ConstrainedCodec(
            self._codec(), self.constraints, detect=self._keeps_patterns, groups=self._groups
        )
        codec = set_aside(
            ruled, personal=self.personal, schema=self.schema, constraints=self.constraints
        )
        n_new = sum(self.sampling_strategy_.values()) if extend else None
        refuse_table(self, table, n_new or 0, given=extend)
        Z, buffer = codec.fit_extend(table, n_new)
        if ruled.is_trivial and codec is ruled:
            codec = ruled.inner
        elif ruled.is_trivial:
            codec.inner = ruled.inner
        if sparse.issparse(Z) and not self._accepts_sparse_encoding:
            Z = densified(Z)
        return table, target, codec, Z, buffer

    def _codec(self):
        """Return an unfitted codec with the options of this sampler."""
        if self._repeats_rows:
            return RowCodec()
        return TableCodec(
            categories=self._categories,
            missing=self._allow_missing,
            learned=self._learns_table,
            patterns=self._keeps_patterns,
            times=self._takes_times,
            interpolated=not self._learns_table,
        )

    def _check_class_sizes(self, counts):
        """Raise if a class to be sampled has fewer than `_min_class_rows` rows."""
        self._check_class_sizes_of(counts, self.sampling_strategy_)

    def _check_class_sizes_of(self, counts, wanted):
        """The same for given numbers of new rows."""
        for label, n_new in wanted.items():
            count = counts[label]
            if n_new and count < self._min_class_rows:
                raise ValueError(
                    f"Class {plain_label(label)!r} has {count} row(s), and "
                    f"{type(self).__name__} needs at least {self._min_class_rows} to generate new "
                    "ones. Collect more rows, repeat "
                    "them with NumbaRandomOverSampler, or leave the class out with "
                    "sampling_strategy={label: count}."
                )

    def _remember(self, model, target, codec):
        """Store fitted attributes that later calls need; nothing by default."""

    def _keeps_given(self):
        """Whether `fit_resample` returns the input rows before the new ones."""
        return True

    def _draw_counts(self, labels):
        """Return the number of rows to generate for each class."""
        return self.sampling_strategy_

    def _fit_resample(self, X, y):
        """Validate, encode, fit, generate and assemble; see `fit_resample`."""
        given = self._keeps_given()
        table, target, codec, Z, buffer = self._encode(X, y, extend=given)
        streams = Streams(self.random_state)
        columns = None if sparse.issparse(Z) else codec.columns
        rng = streams.training() if self._trains else None
        model = self._fit_generator(Z, target.labels, columns, rng)
        self._remember(model, target, codec)
        counts = self._draw_counts(target.labels)
        out = buffer and buffer.tail
        Z_new = self._draw(model, counts, streams, Z, columns, out=out, codec=codec)
        draws = self._value_draws(codec, streams, counts)
        if given:
            X_all = codec.finish(table, Z_new, buffer, **draws)
        else:
            X_all = codec.decode(Z_new, **draws)
        return self._labelled(X, X_all, target if given else target.empty(), counts)

    @staticmethod
    def _value_draws(codec, streams, counts, stream_numbers=None):
        """Streams of the invented values of each class, for a codec that invents some."""
        if not isinstance(codec, SetAsideCodec):
            return {}
        drawn = [(label, n) for label, n in counts.items() if n]
        places = stream_numbers or {label: i for i, (label, _) in enumerate(drawn, 1)}
        return {"draws": [(streams.invented(places[label]), n) for label, n in drawn]}

    def _labelled(self, X, X_all, target, counts):
        """Return rows (as a list if X is one) and labels; set `is_synthetic_`."""
        new_labels = repeated_labels(counts, target.labels.dtype)
        n_given = len(target.labels)
        self.is_synthetic_ = np.zeros(n_given + len(new_labels), dtype=bool)
        self.is_synthetic_[n_given:] = True
        y_all = target.extended(new_labels, getattr(X_all, "index", None))
        return X_all.tolist() if isinstance(X, list) else X_all, y_all

    def _draw(
        self, model, counts, streams, like, columns, *, out=None, stream_numbers=None, codec=None
    ):
        """Generate all classes into one matrix with the width, dtype and sparsity of `like`.

        `stream_numbers` maps labels to random streams; by default streams are used in order.
        `codec` says which rows satisfy the constraints, if there are any.
        """
        total = sum(counts.values())
        if sparse.issparse(like):
            parts = [like[:0]]
            for label, n in counts.items():
                if n:
                    stream = streams.next(stream_numbers and stream_numbers[label])
                    parts.append(self._generate(model, label, n, stream, None))
            return sparse.vstack(parts, format="csr", dtype=like.dtype)
        if out is None:
            out = np.empty((total, like.shape[1]), like.dtype)
        start = 0
        for label, n in counts.items():
            if not n:
                continue
            rows = out[start : start + n]
            stream = streams.next(stream_numbers and stream_numbers[label])
            if codec is not None and codec.is_constrained:
                fill_with_valid(self, model, label, stream, rows, codec, self._rest(model))
            else:
                generated = self._generate_rows(model, label, n, stream, rows)
                if generated is not rows:
                    rows[:] = generated
            if not self._keeps_finite:
                self._check_finite(rows, label, columns)
            start += n
        return out

    def _generate_rows(self, model, label, n, rng, out):
        """Generate rows of one class; generators may be asked to do so under conditions."""
        return self._generate(model, label, n, rng, out)

    def _rest(self, model):
        """Conditions on columns of the table that are left to rejection; none by default."""
        return ()

    def _keep_rows(self, n, kept):
        """Forget what is remembered of some of the last `n` rows; `kept` is a mask of the rest."""

    def _check_finite(self, Z_new, label, columns):
        """Raise if generated cells are infinite, or NaN in a column without missing cells."""
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(Z_new.sum()):  # one pass without a copy; almost always sufficient
                return
        for column, cells in zip(columns, Z_new.T):
            bad = np.isinf(cells) if column.missing else ~np.isfinite(cells)
            if bad.any():
                given = "" if column.missing else ", which has no missing cell"
                raise FloatingPointError(
                    f"{type(self).__name__} generated {np.count_nonzero(bad)} values that are not "
                    f"finite for class {plain_label(label)!r} in column {column.name!r}{given}. No "
                    "row is returned. Fit again with another random_state or "
                    "a lower learning_rate, and report this as a bug of skgensample."
                )


def _set_meanwhile(before, held, after):
    """Attributes that were set on a sampler during a call, and not by it."""
    unset = object()
    return {
        name: value
        for name, value in held.items()
        if value is not before.get(name, unset)
        and after.get(name, unset) is before.get(name, unset)
    }


def repeated_labels(counts, dtype):
    """Return the labels of the generated rows, `counts[label]` times each."""
    return np.repeat(np.array(list(counts), dtype=dtype), list(counts.values()))
