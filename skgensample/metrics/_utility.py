"""Utility of synthetic rows as training data."""

from collections.abc import Callable

import numpy as np
from sklearn.base import clone
from sklearn.metrics import check_scoring
from sklearn.utils import check_consistent_length

from .._typing import Estimator, MatrixLike, VectorLike
from ._fidelity import boosted_trees
from ._tables import encoded_pair, flat


def tstr_score(
    X_synthetic: MatrixLike,
    y_synthetic: VectorLike,
    X_real: MatrixLike,
    y_real: VectorLike,
    *,
    estimator: Estimator | None = None,
    scoring: str | Callable[..., float] = "roc_auc",
) -> float:
    """Train on synthetic rows, test on real ones (TSTR).

    Parameters
    ----------
    X_synthetic, y_synthetic : {array-like, frame} of shape (m, d), array-like of shape (m,)
        Synthetic training rows and their labels.
    X_real, y_real : {array-like, frame} of shape (n, d), array-like of shape (n,)
        Real test rows, unseen by both the generator and the estimator, and their labels.
    estimator : estimator, default=None
        Estimator, cloned before fitting; categorical columns are passed as ordinal codes. None
        uses `HistGradientBoostingClassifier` with native categorical splits.
    scoring : str or callable, default="roc_auc"
        Scorer, as in scikit-learn.

    Returns
    -------
    score : float
        Score on the real rows. Higher is better.

    Raises
    ------
    ValueError
        If the tables have different columns or all synthetic labels are equal.

    See Also
    --------
    c2st_auroc : Whether a classifier can distinguish synthetic from real rows.

    Notes
    -----
    Report two baselines next to it: the score after training on the generator's own real training
    rows, and after training on rows whose columns are sampled independently within each class.
    Both are hard to beat.

    References
    ----------
    .. [1] C. Esteban, S. L. Hyland, G. Rätsch, "Real-valued (medical) time series generation with
       recurrent conditional GANs", 2017, arXiv 1706.02633.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.metrics import tstr_score
    >>> X = np.arange(100.0).reshape(-1, 1)
    >>> y = X.ravel() > 50
    >>> round(tstr_score(X, y, X, y), 2)
    1.0
    """
    y_synthetic, y_real = flat(y_synthetic), flat(y_real)
    pair = encoded_pair(X_real, X_synthetic)
    check_consistent_length(pair.synthetic, y_synthetic)
    check_consistent_length(pair.real, y_real)
    if len(np.unique(y_synthetic)) < 2:
        raise ValueError(
            "All synthetic rows have the same label: give rows of at least two classes."
        )
    if estimator is None:
        estimator = boosted_trees(pair.columns, random_state=0)
    model = clone(estimator).fit(pair.synthetic, y_synthetic)
    return float(check_scoring(model, scoring=scoring)(model, pair.real, y_real))
