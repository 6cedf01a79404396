"""How close synthetic rows are to real ones, column by column."""

import numpy as np
from scipy.stats import ks_2samp

from ..table import TableCodec, is_frame, stack


def column_density_error(X_real, X_synthetic, *, average=True):
    """Distance between the one-column distributions of two tables; 0 is perfect, 1 disjoint.

    Kolmogorov-Smirnov distance for numeric columns, total variation distance for categories
    and flags, averaged over the columns.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns.
    average : bool, default=True
        Whether to average over the columns.

    Returns
    -------
    error : float or ndarray of shape (d,)
        Mean distance, or the distance of each column.

    Raises
    ------
    ValueError
        If the tables have different columns.

    Notes
    -----
    One minus this value is the mean of the KS and TV complements that other tools report as
    column shapes. It says nothing about dependence between columns: independent draws of each
    column reach 0.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.metrics import column_density_error
    >>> X = np.arange(10.0).reshape(-1, 1)
    >>> column_density_error(X, X + 5)
    0.5
    """
    tables = [X if is_frame(X) else np.asarray(X) for X in (X_real, X_synthetic)]
    names = [list(X.columns) if is_frame(X) else list(range(X.shape[1])) for X in tables]
    if names[0] != names[1]:
        raise ValueError("The two tables have different columns.")
    codec = TableCodec(categories="text")
    Z = codec.fit_encode(stack(*tables))
    n = len(tables[0])
    errors = np.array([_distance(Z[:n, c.index], Z[n:, c.index], c) for c in codec.columns])
    return float(errors.mean()) if average else errors


def _distance(real, synthetic, column):
    """KS distance of numbers, TV distance of codes."""
    if not column.n_levels:
        return ks_2samp(real, synthetic, method="asymp").statistic
    shares = [
        np.bincount(z.astype(int), minlength=column.n_levels) / len(z) for z in (real, synthetic)
    ]
    return 0.5 * np.abs(shares[0] - shares[1]).sum()
