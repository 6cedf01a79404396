"""Base classes of samplers that keep a fitted model: `fit` once, then `sample` any class."""

from collections.abc import Hashable
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from .._runtime.random_streams import Streams
from .._sampling_strategy import class_counts
from ..table import scalar
from ._over_sampler import BaseOverSampler, _repeated


class BaseGenerator(BaseOverSampler):
    """Base of generators: the fitted model is kept, and `sample` returns synthetic rows only.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn.
    random_state : int, RandomState instance or None, default=None
        Seed of training and sampling.
    """

    _categories = "text"
    _allow_missing = True
    _learns_table = True

    def fit(self, X, y):
        """Train the model.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame} of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,)
            Labels; the model is conditioned on them and never generates them.

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
        self._or_unchanged(self._fit, X, y)
        return self

    def _fit(self, X, y):
        _, target, codec, Z, _ = self._encode(X, y)
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
        self.classes_, counts = np.unique(target.labels, return_counts=True)
        self.class_prior_ = counts / counts.sum()
        self.model_, self.codec_, self._target = model, codec, target.empty()

    def sample(self, n_samples, y=None, *, random_state=None):
        """Draw synthetic rows from the fitted model.

        Parameters
        ----------
        n_samples : int
            Number of rows to generate.
        y : label, default=None
            Class of all generated rows. None draws labels with the class frequencies of the
            training data.
        random_state : int, RandomState instance or None, default=None
            Seed of this call; None uses the estimator's `random_state`, so that an int there
            makes repeated calls return the same rows.

        Returns
        -------
        X_new : same kind as the table given to `fit`, of shape (n_samples, n_features)
            Synthetic rows, ordered by class (an array if `fit` got a list).
        y_new : same kind as the target given to `fit`
            Their labels.

        Raises
        ------
        ValueError
            If `y` is not a class seen by `fit`, if the model was not trained on it because
            `sampling_strategy` leaves it out, or if `n_samples` is not a positive integer.
        NotFittedError
            If `fit` or `fit_resample` was not called before.
        """
        check_is_fitted(self, "model_")
        return self._sample(self.model_, n_samples, y, random_state)

    def _label_shares(self, model, rng):
        """Probability of each of `classes_` when `sample` is called without a label."""
        return self.class_prior_

    def _sample(self, model, n_samples, y, random_state):
        """Generate rows and their labels from `model`; see `sample`."""
        n_samples, y = scalar(n_samples), scalar(y)
        if not isinstance(n_samples, Integral) or isinstance(n_samples, bool) or n_samples < 1:
            raise ValueError(f"n_samples must be a positive integer, got {n_samples!r}.")
        if random_state is np.random:
            raise ValueError("random_state must be an int, a RandomState instance or None.")
        check_random_state(random_state)
        streams = Streams(self.random_state if random_state is None else random_state)
        if y is None:
            rng = streams.training()
            drawn = rng.multinomial(n_samples, self._label_shares(model, rng))
            counts = dict(zip(self.classes_, drawn.tolist()))
        elif isinstance(y, Hashable) and y in set(self.classes_):
            counts = {self.classes_[np.flatnonzero(self.classes_ == y)[0]]: int(n_samples)}
        else:
            classes = self.classes_.tolist()
            raise ValueError(f"y={y!r} is not a class seen by fit: give one of {classes}.")
        like = np.empty((0, len(self.codec_.columns)))
        Z_new = self._draw(
            model, counts, streams, like, self.codec_.columns, stream_numbers=self._stream_numbers
        )
        X_new = self.codec_.decode(Z_new)
        labels = _repeated(counts, self.classes_.dtype)
        return X_new, self._target.extended(labels, getattr(X_new, "index", None))


class BaseConditionalResampler(BaseGenerator):
    """Base of class-conditional models of the whole table, whose rows can replace it.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn.
    random_state : int, RandomState instance or None, default=None
        Seed of training and sampling.
    output : {"augment", "synthetic"}, default="augment"
        Whether `fit_resample` returns the input rows followed by the generated ones, or a
        synthetic table of the resampled class counts without any input row.
    """

    _parameter_constraints: dict = {
        **BaseGenerator._parameter_constraints,
        "output": [StrOptions({"augment", "synthetic"})],
    }

    def __init__(self, *, sampling_strategy="auto", random_state=None, output="augment"):
        super().__init__(sampling_strategy=sampling_strategy, random_state=random_state)
        self.output = output

    def _keeps_given(self):
        return self.output == "augment"

    def _draw_counts(self, labels):
        added = self.sampling_strategy_
        if self._keeps_given():
            return added
        return {label: n + added.get(label, 0) for label, n in class_counts(labels).items()}
