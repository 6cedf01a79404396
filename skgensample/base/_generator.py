"""Base classes of samplers that keep a fitted model: `fit` once, then `sample` any class."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .._runtime.random_streams import Streams
from .._sampling_strategy import class_counts
from .._typing import (
    Conditions,
    FloatArray,
    Label,
    MatrixLike,
    Seed,
    VectorLike,
)
from ..constraints._conditions import Translated, translated
from ..table import Target, give_one_of, is_frame, row_count, scalar
from ._conditional import ConditionedModel, RejectionSampling, encode_cells, parse_conditions
from ._constrained import complete_constrained, rates_of_rest
from ._memory import refuse_samples
from ._over_sampler import BaseOverSampler, repeated_labels


class BaseGenerator(BaseOverSampler):
    """Base of generators: the fitted model is kept, and `sample` returns synthetic rows only.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn.
    random_state : int, RandomState instance or None, default=None
        Seed of training and sampling.
    personal : {"refuse", "fake"} or FakeColumns, default="refuse"
        What to do with columns that identify people or rows: refuse the table, or replace their
        values in new rows by invented ones; see `FakeColumns`.
    schema : TableSchema or dict, default=None
        Kinds of columns that are not to be detected; see `table_schema`.
    constraints : list of constraint, default=None
        Rules that every new row satisfies; see `skgensample.constraints`.
    """

    _categories = "text"
    _allow_missing = True
    _learns_table = True
    _keeps_patterns = True
    #: How rows are sampled under conditions.
    _conditioning: Any = RejectionSampling()

    def fit(self, X: MatrixLike, y: VectorLike | None = None) -> Self:
        """Train the model.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame} of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,), default=None
            Labels; the model is conditioned on them and never generates them. None: a table
            without labels, learnt as one class.

        Returns
        -------
        self : object
            The fitted estimator; see `sample`.

        Raises
        ------
        ValueError
            If the input is not usable or a class to be sampled has too few rows.
        TypeError
            If a column's type is not supported.
        """
        self._on_copy("_fit", X, y)
        return self

    def _fit(self, X, y):
        target = Target.absent(row_count(X)) if y is None else Target(y)
        labels = class_counts(target.labels)
        if len(labels) == 1:  # no classes to balance: `fit` adds no row
            self.sampling_strategy_ = dict.fromkeys(labels, 0)
        _, target, codec, Z, _ = self._encode(X, target)
        rng = Streams(self.random_state).training()
        vars(self).pop("is_synthetic_", None)  # set by an earlier fit_resample
        self._remember(self._fit_kept(Z, target.labels, codec.columns, rng), target, codec)

    def _fit_kept(self, Z, y, columns, rng):
        """Train a model that can sample every class named by `sampling_strategy`."""
        return self._fit_generator(Z, y, columns, rng)

    def _remember(self, model, target, codec):
        """Keep model, column descriptions and class frequencies, but no row of the data."""
        # every class has its own random stream, the one `fit_resample` uses for it, so that the
        # rows of a class do not depend on which other classes are sampled
        first = [label for label, n in self._draw_counts(target.labels).items() if n]
        order = first + [label for label in class_counts(target.labels) if label not in first]
        self._stream_numbers = {label: number for number, label in enumerate(order, 1)}
        self._labels, counts = np.unique(target.labels, return_counts=True)
        self._frequencies = counts / counts.sum()
        self.classes_, self.class_prior_ = None, None
        if target.is_given:
            self.classes_, self.class_prior_ = self._labels, self._frequencies
        self.model_, self.codec_, self._target = model, codec, target.empty()

    def sample(
        self,
        n_samples: int | None = None,
        y: Label | None = None,
        *,
        conditions: Conditions | None = None,
        partial: MatrixLike | Mapping[Any, Sequence[Any]] | None = None,
        random_state: Seed = None,
    ) -> tuple[Any, Any]:
        """Draw synthetic rows from the fitted model.

        Parameters
        ----------
        n_samples : int, default=None
            Number of rows to generate; may be left out with `partial`, whose rows count.
        y : label, default=None
            Class of all generated rows. None draws labels with the class frequencies of the
            training data, or with their probabilities given `conditions` or `partial`.
        conditions : dict, default=None
            What every row satisfies, by column (name in a frame, else position): a value; a list
            of values, any of which may occur; or a tuple ``(low, high)``, an interval of numbers
            or dates, None where it is open. The other columns follow the distribution that the
            model gives them under the conditions.
        partial : frame or dict of column to list, default=None
            Given cells of each new row; missing cells and columns left out are generated. One new
            row for each, in the same order.
        random_state : int, RandomState instance or None, default=None
            Seed of this call; None uses the estimator's `random_state`, so that an int there
            makes repeated calls return the same rows.

        Returns
        -------
        X_new : same kind as the table given to `fit`, of shape (n_samples, n_features)
            Synthetic rows, ordered by class, or as in `partial` (an array if `fit` got a list).
        y_new : same kind as the target given to `fit`
            Their labels; None if `fit` got none.

        Raises
        ------
        ValueError
            If `y` is not a class seen by `fit`, if the model was not trained on it because
            `sampling_strategy` leaves it out, if `n_samples` is not a positive integer, or if a
            condition names an unknown column, a value that the column cannot have, contradicts
            a constraint, or is satisfied by too few rows of the model.
        NotFittedError
            If `fit` or `fit_resample` was not called before.
        """
        check_is_fitted(self, "model_")
        self.__dict__.pop("effective_share_", None)  # of an earlier call
        if partial is not None:
            return self._sample_partial(n_samples, y, conditions, partial, random_state)
        if conditions is None:
            return self._sample(self.model_, n_samples, y, random_state)
        self._refuse_label(conditions)
        model = self._conditioned(parse_conditions(self.codec_, conditions))
        made = self._sample(model, n_samples, y, random_state)
        if model.conditions:
            self._conditioning.finish(self, model)
        return made

    def _conditioned(self, conditions):
        """The model under conditions on columns of the table."""
        given = Translated(conditions)
        if self.codec_.is_constrained:
            given = translated(self.codec_, conditions)
        model = ConditionedModel(self.model_, given.conditions, rest=given.rest)
        return self._conditioning.prepare(model) if given.conditions else model

    def save(self, file: Any) -> None:
        """Save the fitted model to a file, for `skgensample.load`.

        Parameters
        ----------
        file : str, path-like or file object
            A path, by custom with the suffix ``.skg``, or a file opened for binary writing. A path
            is written at once: an interrupted call leaves the old file.

        Raises
        ------
        NotFittedError
            If `fit` or `fit_resample` was not called before.
        TypeError
            If the sampler is of a class of your own, or a parameter holds what no file can keep.

        Notes
        -----
        The file is a zip of JSON and of numbers in the safetensors format, without pickle. It holds
        the parameters, the names, types, levels and ranges of the columns, and what the model has
        learnt, but no row of the training data. Levels of categories are in it word for word, also
        those of a single row, and the least and the largest value of columns of whole numbers and
        dates.

        `callbacks`, `memory` and a `sampling_strategy` that is a function are not saved, with a
        warning, nor the state of training from which `warm_start` would go on. A `random_state`
        that is a RandomState instance is saved in its present state.
        """
        from ..persistence import save_model

        save_model(self, file)

    def label_probabilities(
        self, conditions: Conditions, *, random_state: Seed = None
    ) -> FloatArray:
        """Probabilities of the classes given conditions on columns.

        Parameters
        ----------
        conditions : dict
            As in `sample`.
        random_state : int, RandomState instance or None, default=None
            Seed, where they are estimated from generated rows; None uses the estimator's.

        Returns
        -------
        probabilities : ndarray of shape (n_classes,)
            In the order of `classes_`.

        Raises
        ------
        ValueError
            If a condition is not valid, or no class can satisfy the conditions.
        """
        check_is_fitted(self, "model_")
        model = self._conditioned(parse_conditions(self.codec_, conditions))
        return self._label_probabilities(model, self._streams(random_state).training())

    def _refuse_label(self, names):
        """Raise if a condition names the label, which is no column of the table."""
        label = getattr(self._target.y, "name", None) if self._target.is_given else None
        known = {column.name for column in self.codec_.table_columns}
        if label is None or label in known or not isinstance(names, Iterable) or label not in names:
            return
        raise ValueError(
            f"{label!r} is the label, which is given by y=. To sample it under conditions, fit a "
            "table that has it among its columns: fit(X.assign(label=y))."
        )

    def _label_probabilities(self, model, rng):
        """Probability of each label when `sample` is called without one."""
        if not isinstance(model, ConditionedModel):
            return self._frequencies
        rates = np.ones(len(self._labels))
        if model.conditions:
            rates = self._conditioning.rates(self, model, rng)
        if model.rest:
            rates = rates * rates_of_rest(self, model, rates, rng)
        probabilities = self._label_probabilities(model.model, rng) * rates
        if not probabilities.any():
            computed = " and ".join(self.codec_.described(condition) for condition in model.rest)
            raise ValueError(
                "The model has generated no row that satisfies the conditions, of any class"
                + (f" (among them {computed})" if computed else "")
                + ": give wider intervals or fewer conditions."
            )
        return probabilities / probabilities.sum()

    def _generate_rows(self, model, label, n, rng, out):
        if isinstance(model, ConditionedModel):
            if model.conditions:
                return self._conditioning.generate(self, model, label, n, rng, out)
            model = model.model
        return self._generate(model, label, n, rng, out)

    def _rest(self, model):
        return model.rest if isinstance(model, ConditionedModel) else ()

    def _checked_label(self, y):
        """The label that a user names, as a label of the training data."""
        if isinstance(y, Hashable) and self.classes_ is not None and y in set(self.classes_):
            return self.classes_[np.flatnonzero(self.classes_ == y)[0]]
        if self.classes_ is None:
            raise ValueError(f"y={y!r}: fit got no labels, so no class can be named.")
        end = give_one_of(y, self.classes_)
        raise ValueError(f"y={y!r} is not a class seen by fit: {end}")

    def _encode_rows(self, X):
        """Rows of the kind that was fitted, as rows of the model; which satisfy constraints."""
        validate_data(self, X=X, reset=False, skip_check_array=True)
        X = X.toarray() if sparse.issparse(X) else X
        X = self.codec_.kept(X if is_frame(X) else np.asarray(X))
        if not is_frame(X):
            names = [column.name for column in self.codec_.table_columns]
            X = dict(zip(names, np.asarray(X).T))
        Z = encode_cells(self.codec_, X)
        if self.codec_.is_constrained:
            return self.codec_.encode_rows(Z)
        return Z, np.ones(len(Z), dtype=bool)

    def _encode_labels(self, y, n):
        """Labels of `n` rows, all of them seen by `fit`."""
        labels = Target(y).labels
        if len(labels) != n:
            raise ValueError(f"X has {n} rows and y {len(labels)} labels: give one for each row.")
        for label in np.unique(labels):
            self._checked_label(label)
        return labels

    def _sample(self, model, n_samples, y, random_state):
        """Generate rows and their labels from `model`; see `sample`."""
        n_samples, y = _checked_count(n_samples), scalar(y)
        refuse_samples(n_samples, len(self.codec_.columns))
        label = None if y is None else self._checked_label(y)
        streams = self._streams(random_state)
        if label is None:
            rng = streams.training()
            drawn = rng.multinomial(n_samples, self._label_probabilities(model, rng))
            counts = dict(zip(self._labels, drawn.tolist()))
        else:
            counts = {label: n_samples}
        return self._sample_counts(model, counts, streams)

    def _sample_classes(self, counts, conditions):
        """Generate rows of several classes at once, under conditions where there are some."""
        counts = {label: n for label, n in counts.items() if n}
        refuse_samples(sum(counts.values()), len(self.codec_.columns))
        if not conditions:
            return self._sample_counts(self.model_, counts, self._streams(None))
        model = self._conditioned(parse_conditions(self.codec_, conditions))
        made = self._sample_counts(model, counts, self._streams(None))
        if model.conditions:
            self._conditioning.finish(self, model)
        return made

    def _sample_counts(self, model, counts, streams):
        """Generate rows of several classes, and their labels."""
        like = np.empty((0, len(self.codec_.columns)))
        Z_new = self._draw(
            model, counts, streams, like, self.codec_.columns,
            stream_numbers=self._stream_numbers, codec=self.codec_,
        )  # fmt: skip
        draws = self._value_draws(self.codec_, streams, counts, self._stream_numbers)
        X_new = self.codec_.decode(Z_new, **draws)
        labels = repeated_labels(counts, self._labels.dtype)
        return X_new, self._target.extended(labels, getattr(X_new, "index", None))

    def _streams(self, random_state):
        """Random streams of one call of `sample`."""
        if random_state is np.random:
            raise ValueError("random_state must be an int, a RandomState instance or None.")
        check_random_state(random_state)
        return Streams(self.random_state if random_state is None else random_state)

    def _sample_partial(self, n_samples, y, conditions, partial, random_state):
        """Complete partial rows; see `sample`."""
        if conditions is not None:
            raise ValueError("Give conditions or partial, not both: cells of partial are given.")
        self._refuse_label(partial)
        cells = encode_cells(self.codec_, partial)
        if n_samples is not None and _checked_count(n_samples) != len(cells):
            raise ValueError(
                f"partial has {len(cells)} rows and n_samples is {n_samples}: leave n_samples out."
            )
        y = scalar(y)
        label = None if y is None else self._checked_label(y)
        streams = self._streams(random_state)
        rng = streams.training()
        if self.codec_.is_constrained:
            Z_new, labels = complete_constrained(self, cells, label, rng)
        else:
            Z_new, labels = self._conditioning.complete(self, self.model_, cells, label, rng)
        for label in np.unique(labels):
            self._check_finite(Z_new[labels == label], label, self.codec_.columns)
        X_new = self.codec_.decode(
            Z_new, **self._value_draws(self.codec_, streams, {0: len(Z_new)})
        )
        if hasattr(partial, "index") and hasattr(X_new, "index"):
            X_new.index = partial.index
        return X_new, self._target.extended(labels, getattr(X_new, "index", None))


def _checked_count(n_samples):
    """The number of rows that a user wants, as an int."""
    n_samples = scalar(n_samples)
    if not isinstance(n_samples, Integral) or isinstance(n_samples, bool) or n_samples < 1:
        raise ValueError(f"n_samples must be a positive integer, got {n_samples!r}.")
    return int(n_samples)
