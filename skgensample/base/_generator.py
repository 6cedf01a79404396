"""Bases of models that are kept: fit once, then sample any class."""

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
    """Base of models that are kept, and can be asked for synthetic rows alone.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn.
    random_state : int, RandomState instance or None, default=None
        Seed.
    """

    _categories = "text"
    _allow_missing = True
    _learns_table = True

    def fit(self, X, y):
        """Train the model.

        Parameters
        ----------
        X : {array-like, sparse matrix, frame} of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,)
            Labels; a condition of the model, never one of its outputs.

        Returns
        -------
        self : object
            The fitted model; see `sample`.
        """
        self._or_unchanged(self._fit, X, y)
        return self

    def _fit(self, X, y):
        _, target, codec, Z, _ = self._encode(X, y)
        rng = Streams(self.random_state).training()
        vars(self).pop("is_synthetic_", None)  # of an earlier table
        self._remember(self._fit_kept(Z, target.labels, codec.columns, rng), target, codec)

    def _fit_kept(self, Z, y, columns, rng):
        """Train a model that may be asked for any class that `sampling_strategy` names."""
        return self._fit_generator(Z, y, columns, rng)

    def _remember(self, model, target, codec):
        """Keep model, schema and label shares, never a row."""
        # each class has a stream of its own, that from which `fit_resample` draws its rows
        first = [label for label, n in self._draw_counts(target.labels).items() if n]
        order = first + [label for label in class_counts(target.labels) if label not in first]
        self._places = {label: place for place, label in enumerate(order, 1)}
        self.classes_, counts = np.unique(target.labels, return_counts=True)
        self.class_prior_ = counts / counts.sum()
        self.model_, self.codec_, self._target = model, codec, target.empty()

    def sample(self, n_samples, y=None, *, random_state=None):
        """Draw synthetic rows from the fitted model.

        Parameters
        ----------
        n_samples : int
            Rows to draw.
        y : label, default=None
            Class of all the rows. None draws labels with the shares of the training data.
        random_state : int, RandomState instance or None, default=None
            Seed of this draw; None takes the estimator's own, so that with an int there two
            calls give the same rows.

        Returns
        -------
        X_new : same kind as the table given to `fit`, of shape (n_samples, n_features)
            Synthetic rows, class by class (an array where a list was given).
        y_new : same kind as the target given to `fit`
            Their labels.

        Raises
        ------
        ValueError
            If `y` is not a class seen by `fit`, if nothing was learnt of it because it was not to
            be sampled, or if `n_samples` is not a positive integer.
        """
        check_is_fitted(self, "model_")
        return self._sample(self.model_, n_samples, y, random_state)

    def _label_shares(self, model, rng):
        """Share of each of `classes_` among rows drawn without a label."""
        return self.class_prior_

    def _sample(self, model, n_samples, y, random_state):
        """Rows of a model and their labels; see `sample`."""
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
        Z_new = self._draw(model, counts, streams, like, self.codec_.columns, places=self._places)
        X_new = self.codec_.decode(Z_new)
        labels = _repeated(counts, self.classes_.dtype)
        return X_new, self._target.extended(labels, getattr(X_new, "index", None))


class BaseConditionalResampler(BaseGenerator):
    """Base of models of the whole table, which may take its place.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn.
    random_state : int, RandomState instance or None, default=None
        Seed.
    output : {"augment", "synthetic"}, default="augment"
        What `fit_resample` returns.
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
