"""GaussianCopulaResampler: ranks and correlations; no network, no torch."""

from collections.abc import Mapping

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..base import BaseConditionalResampler
from ._copula.model import ConditionedCopula, CopulaModel
from ._copula.normal_scores import NormalScores

#: Tables whose scores and correlations need more memory than this are refused.
BYTES_LIMIT = 4 * 2**30


class GaussianCopulaResampler(BaseConditionalResampler):
    """Synthetic rows of any class from ranks and their correlations.

    The fastest model of a mixed table here, and the only one that answers "rows of this class
    with these cells". Each class keeps its own distribution of every column; how columns go
    together is summed up in one correlation for each pair. Use it as the first model, for small
    classes and for conditions; where columns depend on each other in bent or branching ways a
    network, or interpolation, comes closer.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn: a float is the ratio of minority to majority rows wanted (two
        classes only); ``"minority"``, ``"not minority"``, ``"not majority"``, ``"all"``,
        ``"auto"`` (not majority) level the classes named with the largest one; a dict
        ``{label: count}`` or a callable ``y -> dict`` gives the counts wanted.
    random_state : int, RandomState instance or None, default=None
        Seed of drawing; fitting draws nothing. An int gives the same rows on every call.
    output : {"augment", "synthetic"}, default="augment"
        Whether `fit_resample` returns the given rows and the new ones, or a wholly synthetic
        table with the counts that the augmented one would have.

    Attributes
    ----------
    sampling_strategy_ : dict
        Number of new rows for each class sampled.
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    class_prior_ : ndarray of shape (n_classes,)
        Their shares of the training rows.
    model_ : object
        Quantiles of each column and correlations, for each class; no training row.
    codec_ : TableCodec
        Names, dtypes, levels and ranges of the columns.
    is_synthetic_ : ndarray of shape (n_samples_new,)
        Which rows of the result of `fit_resample` are new.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    CTGANResampler : A network in place of the correlations.
    NumbaSMOTE : Interpolates between neighbours.

    Notes
    -----
    A value becomes the mean of a standard normal variable over the ranks that the rows of its
    class with that value share. The categories of a column have no order; they get the one in
    which the squared correlations of the column with all others sum up highest, levels of fewer
    than 10 rows by their frequency in the middle. Grouping ranks weakens correlations: that of
    the variables behind two columns is the one at which two grouped normal variables have the
    covariance observed, found from its power series (32 Hermite polynomials), in the way of
    NORTA [1]_.

    With n rows in a class, N in all and d columns, the class's correlations weigh ``n / (n + d)``
    against the mean of all classes, which itself weighs ``N / (N + d)`` against independence;
    eigenvalues are raised to 1e-4. A class's quantiles are its own. Numbers are interpolated
    between the observed ones and never leave their range; a value that rows share keeps its share;
    columns of at most two values, or of at most 20 seen ten times each on average, give these
    only. Levels of categories count one row of the whole table on top of the class's own.

    Columns given in `sample` hold exactly. The others are drawn from the model's distribution
    given these: exactly, if at most one of the given cells is a category or a value that rows
    share, for then the normal variables of the others are known, and that one is drawn from a
    truncated normal distribution; with several, 30 sweeps of Gibbs sampling come close to it.

    References
    ----------
    .. [1] M. C. Cario, B. L. Nelson, "Modeling and generating random vectors with arbitrary
       marginal distributions and correlation matrix", Northwestern University, 1997.
    .. [2] H. Liu, J. Lafferty, L. Wasserman, "The nonparanormal: semiparametric estimation of
       high dimensional undirected graphs", JMLR 10, 2009.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import GaussianCopulaResampler
    >>> X, y = make_classification(n_samples=1000, weights=[0.95], random_state=0)
    >>> model = GaussianCopulaResampler(random_state=0).fit(X, y)
    >>> X_new, y_new = model.sample(4, y=1, conditions={0: 0.5})
    >>> X_new[:, 0], y_new
    (array([0.5, 0.5, 0.5, 0.5]), array([1, 1, 1, 1]))
    """

    def _fit_generator(self, Z, y, columns, rng):
        """Rank, correlate; nothing is drawn."""
        d = len(columns)
        labels, group, sizes = _by_appearance(y)
        needed = 8 * (4 * len(Z) * d + (2 * len(labels) + 40) * d * d)
        if needed > BYTES_LIMIT:
            raise ValueError(
                f"Fitting would need about {needed:,} bytes, and the limit is {BYTES_LIMIT:,}: "
                f"{len(Z):,} rows of {d:,} columns in {len(labels)} classes. Use fewer rows or "
                "columns."
            )
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        scores = NormalScores(Z[np.argsort(group, kind="stable")], bounds, columns)
        correlations = scores.correlations()
        return CopulaModel(labels, sizes, scores.quantiles, correlations, scores.gaps, d)

    def _generate(self, model, label, n, rng, out):
        """Draw rows of one class."""
        return model.draw(label, rng, out)

    def sample(self, n_samples, y=None, *, conditions=None, random_state=None):
        """Draw synthetic rows from the fitted model.

        Parameters
        ----------
        n_samples : int
            Rows to draw.
        y : label, default=None
            Class of all the rows. None draws labels with the shares of the training data, or
            with their probabilities given the `conditions`.
        conditions : dict, default=None
            Cells that every row shall hold, by column: names of a frame, else positions. A number
            may be any in the observed range of the column that needs no more decimal places than
            the column's own (one of the observed values where the model draws no others), a
            category any of its levels.
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
            If `y` is not a class seen by `fit`, `n_samples` is not a positive integer, or a
            condition names an unknown column or a value that the column cannot have.
        """
        if conditions is None:
            return super().sample(n_samples, y, random_state=random_state)
        check_is_fitted(self, "model_")
        if not isinstance(conditions, Mapping) or not conditions:
            raise ValueError("conditions must be a dict {column: value} with at least one column.")
        known = dict(self._known(*item) for item in conditions.items())
        model = ConditionedCopula(self.model_, known)
        return self._sample(model, n_samples, y, random_state)

    def _known(self, name, value):
        """Column index and number of one condition, which the model must be able to draw."""
        index, number = self.codec_.encode_cell(name, value)
        fault = None if np.isnan(number) else self.model_.refusal(index, number)
        if fault:
            raise ValueError(f"Column {name!r} {fault}: give a value that the column can have.")
        return index, number

    def _label_shares(self, model, rng):
        """Shares of the training data, or probabilities given the conditions."""
        if not isinstance(model, ConditionedCopula):
            return super()._label_shares(model, rng)
        shares = model.label_shares(rng)
        return shares[[model.model.index(label) for label in self.classes_]]


def _by_appearance(y):
    """Labels in order of first occurrence, each row's index among them, and their counts.

    An order that does not depend on the labels' names: renaming them changes nothing else.
    """
    labels, first, group, counts = np.unique(
        y, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first)
    return labels[order], np.argsort(order)[group], counts[order]
