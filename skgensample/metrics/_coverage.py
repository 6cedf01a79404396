"""Sample-level metrics of synthetic rows: alpha-precision, beta-recall and exact copies."""

from numbers import Integral

import numpy as np
from sklearn.metrics import pairwise_distances_chunked
from sklearn.utils import check_random_state, check_scalar

from .._typing import MatrixLike, Seed
from ._tables import encoded_pair, row_keys, unit_scaled


def alpha_precision_score(X_real: MatrixLike, X_synthetic: MatrixLike) -> float:
    """Alpha-precision: whether synthetic rows lie where real rows are typical; 1 is perfect.

    For every fraction alpha, the ball around the centre of the real rows that contains alpha of
    them should contain the fraction alpha of the synthetic rows, too.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns.

    Returns
    -------
    score : float
        One minus twice the mean absolute difference between alpha and the fraction found, in
        [0, 1]. Higher is better. Rows too far from and rows too close to the centre lower it.

    Raises
    ------
    ValueError
        If the tables have different columns.

    See Also
    --------
    beta_recall_score : Whether the synthetic rows cover the real ones.

    Notes
    -----
    As in the paper [1]_, but with balls in the space of the encoded columns instead of an
    embedding learnt by a network: numeric columns are scaled to [0, 1] by the range of the real
    rows, categorical columns are one-hot with a distance of 1 between two levels.

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
    # lower and upper fraction of real rows closer to the centre than each synthetic row
    return _agreement(*_ranks(radii, _norms(synthetic - center)))


def beta_recall_score(
    X_real: MatrixLike,
    X_synthetic: MatrixLike,
    *,
    n_neighbors: int = 5,
    max_rows: int = 10_000,
    random_state: Seed = None,
) -> float:
    """Beta-recall: whether synthetic rows cover the real ones; 1 is perfect.

    For every fraction beta, the beta synthetic rows closest to their centre should cover the
    fraction beta of the real rows. A real row is covered if its nearest synthetic row is no
    farther away than its `n_neighbors`-th real neighbour. Mode collapse lowers this score.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns.
    n_neighbors : int, default=5
        Rank of the real neighbour whose distance is the radius within which a row is covered.
    max_rows : int, default=10_000
        Maximum number of rows sampled from each table; both samples have the same size.
    random_state : int, RandomState instance or None, default=None
        Seed of the subsampling.

    Returns
    -------
    score : float
        One minus twice the mean absolute difference between beta and the fraction covered, in
        [0, 1]. Higher is better.

    Raises
    ------
    ValueError
        If the tables have different columns, or at most `n_neighbors` real rows.

    See Also
    --------
    alpha_precision_score : Whether the synthetic rows are typical.

    Notes
    -----
    Distances as in `alpha_precision_score`. Unlike in the paper [1]_, a real row is matched with
    the nearest of all synthetic rows and not with the nearest of the beta most typical ones: with
    many columns the latter is always close enough, so that real rows would score lower than rows
    shrunk to the centre. Two samples of one distribution score about
    ``1 - 0.5 ** n_neighbors``.

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
        raise ValueError(
            f"{len(real)} real rows have no neighbours of rank {n_neighbors}: give more rows or "
            "reduce n_neighbors."
        )
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
    """Euclidean norm of each row."""
    return np.sqrt((Z**2).sum(axis=1))


def _ranks(ordered, values):
    """Fractions of the sorted numbers below each value, and at or below it."""
    return tuple(np.searchsorted(ordered, values, side=s) / len(ordered) for s in ("left", "right"))


def _agreement(low, high):
    """One minus twice the mean of abs(fraction of rows up to a level - level), levels in [0, 1].

    The level of a row is uniform between `low` and `high` if these differ: rows at equal distances
    have tied ranks.
    """
    grid = (np.arange(1_000) + 0.5) / 1_000
    even = high > low
    width = np.where(even, high, 1.0) - np.where(even, low, 0.0)  # never inf - inf
    fraction = np.searchsorted(np.sort(low[~even]), grid, side="right").astype(np.float64)
    for edges, sign in ((low[even], 1), (high[even], -1)):
        order = np.argsort(edges)
        slopes = np.concatenate([[0.0], np.cumsum(1 / width[even][order])])
        offsets = np.concatenate([[0.0], np.cumsum(edges[order] / width[even][order])])
        passed = np.searchsorted(edges[order], grid, side="right")
        fraction += sign * (slopes[passed] * grid - offsets[passed])
    return float(1 - 2 * np.abs(fraction / len(low) - grid).mean())


def exact_copy_rate(X_train: MatrixLike, X_synthetic: MatrixLike) -> float:
    """Fraction of synthetic rows that equal a training row in every column; lower is better.

    Parameters
    ----------
    X_train, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns.

    Returns
    -------
    rate : float
        Fraction in [0, 1].

    Raises
    ------
    ValueError
        If the tables have different columns.

    See Also
    --------
    beta_recall_score : Whether the synthetic rows cover the real ones.
    copy_rates : The same next to the rate of held-out rows, and for single cells.

    Notes
    -----
    If the columns have few distinct values, real rows repeat each other: compare with the rate of
    held-out real rows. A rate of 0 does not prove privacy: rows may be very close to training
    rows.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.metrics import exact_copy_rate
    >>> exact_copy_rate(np.eye(3), np.array([[1.0, 0, 0], [2.0, 0, 0]]))
    0.5
    """
    pair = encoded_pair(X_train, X_synthetic)
    seen = set(row_keys(pair.real))
    return float(np.mean([key in seen for key in row_keys(pair.synthetic)]))
