"""What synthetic rows are worth as training data."""

import numpy as np
from sklearn.base import clone
from sklearn.metrics import check_scoring
from sklearn.utils import check_consistent_length

from ._fidelity import boosted_trees
from ._tables import encoded_pair, flat


def tstr_score(X_synthetic, y_synthetic, X_real, y_real, *, estimator=None, scoring="roc_auc"):
    """Train on synthetic rows, test on real ones (TSTR).

    Parameters
    ----------
    X_synthetic, y_synthetic : {array-like, frame} of shape (m, d), array-like of shape (m,)
        Rows to learn from and their labels.
    X_real, y_real : {array-like, frame} of shape (n, d), array-like of shape (n,)
        Real rows to be scored on, which neither the generator nor the learner has seen.
    estimator : estimator, default=None
        Learner, which is cloned; it sees numbers, categories as codes. None takes scikit-learn's
        histogram boosted trees with their defaults, categories split by level.
    scoring : str or callable, default="roc_auc"
        Score, as in scikit-learn.

    Returns
    -------
    score : float
        Score on the real rows. Higher is better.

    Raises
    ------
    ValueError
        If the tables have different columns or the synthetic labels are all the same.

    See Also
    --------
    c2st_auroc : Whether synthetic rows can be told from real ones.

    Notes
    -----
    Print the score of a learner trained on the real rows that the generator had, and that of
    rows from columns drawn independently within each class, beside it: both are hard to beat.

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
        raise ValueError("All synthetic rows have the same label: nothing can be learnt from them.")
    if estimator is None:
        estimator = boosted_trees(pair.columns, random_state=0)
    model = clone(estimator).fit(pair.synthetic, y_synthetic)
    return float(check_scoring(model, scoring=scoring)(model, pair.real, y_real))
