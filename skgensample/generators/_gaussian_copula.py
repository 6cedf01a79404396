"""GaussianCopulaResampler: ranks and correlations; no network, no torch."""

import numpy as np

from .._runtime.memory import refuse_beyond
from ..base import BaseConditionalResampler, RejectionSampling
from ._copula.conditioned import ConditionedMixture
from ._copula.model import CopulaModel
from ._copula.normal_scores import NormalScores
from ._encoding.class_statistics import labels_by_appearance


class CopulaConditioning(RejectionSampling):
    """Sampling from the conditional distribution of the latent variables; no rejection."""

    def prepare(self, conditioned):
        """Check each allowed value against the model."""
        for condition in conditioned.conditions:
            fault = self._fault(conditioned.model, condition)
            if fault:
                raise ValueError(
                    f"Column {condition.name!r} {fault}: give a value that the column can have."
                )
        return conditioned

    @staticmethod
    def _fault(model, condition):
        """Why no row can satisfy a condition, or None."""
        if condition.values is not None:
            there = condition.values[~np.isnan(condition.values)]
            faults = [model.refusal(condition.index, value) for value in there]
            return next((fault for fault in faults if fault), None)
        spans = [own.between(*condition.edges) for own in model.numbers(condition.index)]
        if any(low < high for low, high in spans):
            return None
        return "has no such value within its observed range"

    def rates(self, sampler, conditioned, rng):
        """Likelihood of the conditions in each class, up to a common factor."""
        mixture = ConditionedMixture(conditioned.model, conditioned.conditions)
        rates = mixture.condition_rates(rng)
        return rates[[conditioned.model.index(label) for label in sampler._labels]]

    def generate(self, sampler, conditioned, label, n, rng, out):
        """Fill `out` with n rows of one class."""
        mixture = ConditionedMixture(conditioned.model, conditioned.conditions)
        return mixture.draw(label, rng, out)


class GaussianCopulaResampler(BaseConditionalResampler):
    """Synthetic rows of any class from ranks and their correlations.

    The fastest model of a mixed table in this package, with the marginals of each class and one
    correlation per pair of columns to describe their dependence. Use it as a first model, for small
    tables of many columns, and for conditions on any columns, which it takes exactly. For
    non-monotone or multimodal dependence between columns, sequential trees or a network are more
    accurate.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn: a float is the ratio of minority to majority rows wanted (two
        classes only); ``"minority"``, ``"not minority"``, ``"not majority"``, ``"all"``,
        ``"auto"`` (not majority) level the classes named with the largest one; a dict
        ``{label: count}`` or a callable ``y -> dict`` gives the counts wanted.
    random_state : int, RandomState instance or None, default=None
        Seed of sampling; fitting is deterministic. An int gives the same rows on every call.
    output : {"augment", "synthetic"}, default="augment"
        Whether `fit_resample` returns the given rows followed by the new ones, or an entirely
        synthetic table with the class counts that the augmented one would have.
    personal : {"refuse", "fake"} or FakeColumns, default="refuse"
        What to do with columns that identify people or rows: refuse the table, or replace their
        values in new rows by invented ones; see `FakeColumns`.
    schema : TableSchema or dict, default=None
        Kinds of columns that are not to be detected; see `table_schema`.
    constraints : list of constraint, default=None
        Rules that every new row satisfies; see `skgensample.constraints`.

    Attributes
    ----------
    class_counts_ : dict
        Number of given rows of each class.
    sampling_strategy_ : dict
        Number of new rows for each class sampled.
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted.
    class_prior_ : ndarray of shape (n_classes,)
        Class frequencies in the training rows.
    model_ : object
        Quantiles of each column and correlations, for each class; no training rows.
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
    Each value is encoded as a normal score: the mean of a standard normal variable over the ranks
    that the rows of the class with that value occupy. The levels of a category have no order; they
    are given the one that maximises the sum of squared correlations of the column with all others
    (levels of fewer than 10 rows stand in the middle, by frequency). Ties attenuate correlations.
    The latent correlation of two columns is therefore the one at which two normal variables,
    discretised in the same way, have the observed covariance, computed from its power series (32
    Hermite polynomials) as in NORTA [1]_; see also the nonparanormal [2]_.

    Correlations are shrunk. For n rows in a class, N rows in all and d columns, the correlations of
    the class have weight ``n / (n + d)`` and the mean over all classes the rest; that mean has
    weight ``N / (N + d)`` against independence. Eigenvalues are raised to at least 1e-4. Quantiles
    are those of the class. Numbers are interpolated between observed values and never leave their
    range; a value that several rows share keeps its frequency; columns of at most two values, or
    of at most 20 values with ten occurrences each on average, give observed values only. The
    frequencies of categories count one row of the whole table in addition to the rows of the
    class.

    Columns given in `sample` have exactly the given values, and the others follow the model's
    conditional distribution. Sampling is exact if at most one of the given cells is a category or
    a tied value: the latent variables of the other cells are then known, and that one follows a
    truncated normal distribution. With several of them, 30 sweeps of Gibbs sampling approximate
    it.

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

    _conditioning = CopulaConditioning()

    def _fit_copies(self):
        """The normal scores."""
        return 1

    def _fit_generator(self, Z, y, columns, rng):
        """Fit marginals and correlations of each class; deterministic."""
        d = len(columns)
        labels, group, sizes = labels_by_appearance(y)
        refuse_beyond(
            8 * (len(Z) * d + (2 * len(labels) + 40) * d * d),
            f"Fitting {len(Z):,} rows of {d:,} columns in {len(labels)} classes",
            "use fewer rows or columns.",
        )
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        scores = NormalScores(Z, np.argsort(group, kind="stable"), bounds, columns)
        correlations = scores.correlations()
        return CopulaModel(labels, sizes, scores.quantiles, correlations, scores.gaps, d)

    def _generate(self, model, label, n, rng, out):
        """Sample rows of one class."""
        return model.draw(label, rng, out)
