"""Whether synthetic rows lie where real ones do, cover them, or copy them."""

from numbers import Integral

import numpy as np
from sklearn.metrics import pairwise_distances_chunked
from sklearn.utils import check_random_state, check_scalar

from ._tables import encoded_pair, unit_scaled


def alpha_precision_score(X_real, X_synthetic):
    """Whether synthetic rows are typical where real ones are: alpha-precision, 1 is perfect.

    For every share alpha the ball around the centre of the real rows that holds alpha of them
    should hold alpha of the synthetic ones, too.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns.

    Returns
    -------
    score : float
        One minus twice the mean distance between alpha and the share found, in [0, 1]. Higher is
        better. Rows too far out and rows too close to the centre both lower it.

    Raises
    ------
    ValueError
        If the tables have different columns.

    See Also
    --------
    beta_recall_score : Whether the synthetic rows cover the real ones.

    Notes
    -----
    As in the paper [1]_, but with balls in the encoded columns themselves and not in an embedding
    learnt by a network: numbers scaled to [0, 1] by the range of the real rows, categories
    one-hot, two different levels 1 apart.

    References
    ----------
    .. [1] A. M. Alaa, B. van Breugel, E. Saveliev, M. van der Schaar, "How faithful is your
       synthetic data? Sample-level metrics for evaluating and auditing generative models",
       ICML 2022, arXiv 2102.08921.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.metrics import alpha_precision_score
    >>> X = np.random.RandomState(0).rand(500, 2)
    >>> round(alpha_precision_score(X, X), 2), round(alpha_precision_score(X, X + 9), 2)
    (1.0, 0.0)
    """
    real, synthetic = unit_scaled(encoded_pair(X_real, X_synthetic))
    center = real.mean(axis=0)
    radii = np.sort(_norms(real - center))
    # the share of real rows closer to the centre than each synthetic row: at least, at most
    return _agreement(*_ranks(radii, _norms(synthetic - center)))


def beta_recall_score(X_real, X_synthetic, *, n_neighbors=5, max_rows=10_000, random_state=None):
    """Whether synthetic rows cover the real ones: beta-recall, 1 is perfect.

    For every share beta the synthetic rows that are the beta most typical of their kind should
    cover beta of the real rows. A real row is covered by the synthetic row nearest to it, if that
    is no farther away than its own real neighbours. Mode collapse shows here.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns.
    n_neighbors : int, default=5
        A real row is covered within the distance of its real neighbour of this rank.
    max_rows : int, default=10_000
        Rows drawn from each table at most; as many from the one as from the other.
    random_state : int, RandomState instance or None, default=None
        Seed of the rows drawn.

    Returns
    -------
    score : float
        One minus twice the mean distance between beta and the share covered, in [0, 1]. Higher
        is better.

    Raises
    ------
    ValueError
        If the tables have different columns, or the real one has no more rows than neighbours.

    See Also
    --------
    alpha_precision_score : Whether the synthetic rows are typical.

    Notes
    -----
    Distances as in `alpha_precision_score`. Unlike the paper [1]_ it is the nearest of all
    synthetic rows that counts, not the nearest of the beta most typical: with many columns that
    one is always at hand, and real rows would score lower than rows pulled to the centre. Two
    samples of one distribution score near ``1 - 0.5 ** n_neighbors``.

    References
    ----------
    .. [1] A. M. Alaa, B. van Breugel, E. Saveliev, M. van der Schaar, "How faithful is your
       synthetic data? Sample-level metrics for evaluating and auditing generative models",
       ICML 2022, arXiv 2102.08921.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.metrics import beta_recall_score
    >>> X = np.random.RandomState(0).rand(500, 2)
    >>> beta_recall_score(X, X[:5].repeat(100, axis=0)) < 0.2
    True
    """
    check_scalar(n_neighbors, "n_neighbors", Integral, min_val=1)
    check_scalar(max_rows, "max_rows", Integral, min_val=2)
    rng = check_random_state(random_state)
    parts = unit_scaled(encoded_pair(X_real, X_synthetic))
    n = min(max_rows, *map(len, parts))
    real, synthetic = (Z[rng.permutation(len(Z))[:n]] for Z in parts)
    if len(real) <= n_neighbors:
        raise ValueError(f"{len(real)} real rows have no neighbours of rank {n_neighbors}.")
    radii = _norms(synthetic - synthetic.mean(axis=0))
    typical = np.array(_ranks(np.sort(radii), radii))
    own = pairwise_distances_chunked(
        real, reduce_func=lambda D, _: np.partition(D, n_neighbors, axis=1)[:, n_neighbors]
    )
    reach = np.concatenate(list(own))
    start, needed = 0, []
    for D in pairwise_distances_chunked(real, synthetic):
        nearest = D.argmin(axis=1)
        covered = D[np.arange(len(D)), nearest] <= reach[start : start + len(D)]
        needed.append(np.where(covered, typical[:, nearest], np.inf))
        start += len(D)
    return _agreement(*np.concatenate(needed, axis=1))


def _norms(Z):
    """Length of each row."""
    return np.sqrt((Z**2).sum(axis=1))


def _ranks(ordered, values):
    """Shares of the ordered numbers below each value, and below or at it."""
    return tuple(np.searchsorted(ordered, values, side=s) / len(ordered) for s in ("left", "right"))


def _agreement(low, high):
    """One minus twice the mean of |share of rows up to a level - level| over levels in [0, 1].

    A row's level lies between `low` and `high`, evenly spread where these differ: rows at equal
    distances share their ranks.
    """
    grid = (np.arange(1_000) + 0.5) / 1_000
    even = high > low
    width = np.where(even, high, 1.0) - np.where(even, low, 0.0)  # never inf - inf
    share = np.searchsorted(np.sort(low[~even]), grid, side="right").astype(np.float64)
    for edges, sign in ((low[even], 1), (high[even], -1)):
        order = np.argsort(edges)
        slopes = np.concatenate([[0.0], np.cumsum(1 / width[even][order])])
        offsets = np.concatenate([[0.0], np.cumsum(edges[order] / width[even][order])])
        passed = np.searchsorted(edges[order], grid, side="right")
        share += sign * (slopes[passed] * grid - offsets[passed])
    return float(1 - 2 * np.abs(share / len(low) - grid).mean())


def exact_copy_rate(X_train, X_synthetic):
    """Share of synthetic rows that equal a training row in every column; lower is better.

    Parameters
    ----------
    X_train, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns.

    Returns
    -------
    rate : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If the tables have different columns.

    See Also
    --------
    beta_recall_score : Whether the synthetic rows cover the real ones.

    Notes
    -----
    In a table of few categories real rows repeat each other: compare with the rate of held-out
    real rows. A rate of 0 is no proof of privacy, as rows may lie next to training rows.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.metrics import exact_copy_rate
    >>> exact_copy_rate(np.eye(3), np.array([[1.0, 0, 0], [2.0, 0, 0]]))
    0.5
    """
    pair = encoded_pair(X_train, X_synthetic)
    seen = {row.tobytes() for row in pair.real + 0.0}  # + 0.0: no negative zeros
    return float(np.mean([row.tobytes() in seen for row in pair.synthetic + 0.0]))
