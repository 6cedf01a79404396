"""Latent normal variables: correlations, and sampling given intervals of some components."""

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

N_TERMS = 32
LIMIT = 0.999  # of a correlation
LEAST_EIGENVALUE = 1e-4
SWEEPS = 30
TINY = 1e-300


def latent_correlation(covariance, coefficients):
    """Correlations of normal variables from the covariances of their interval scores.

    Parameters
    ----------
    covariance : ndarray of shape (d, d)
        Covariance of the scores; see `interval_scores`.
    coefficients : ndarray of shape (d, n_terms)
        Their Hermite coefficients: the covariance of columns i and j is the power series in the
        correlation with the coefficients ``coefficients[i] * coefficients[j]``.

    Returns
    -------
    correlation : ndarray of shape (d, d)
        Symmetric, of unit diagonal, not always positive definite.
    """
    linear = np.outer(coefficients[:, 0], coefficients[:, 0])
    correlation = np.divide(covariance, linear, out=np.zeros_like(linear), where=linear > TINY)
    correlation = np.clip(correlation, -LIMIT, LIMIT)
    grouped = np.flatnonzero(np.any(coefficients[:, 1:] != 0, axis=1))
    if len(grouped):
        pairs = np.ix_(grouped, grouped)
        correlation[pairs] = _inverted(covariance[pairs], coefficients[grouped])
    np.fill_diagonal(correlation, 1.0)
    return (correlation + correlation.T) / 2


def _inverted(covariance, coefficients):
    """Correlations at which the increasing power series equal the covariances, by bisection."""
    lo, hi = np.full_like(covariance, -LIMIT), np.full_like(covariance, LIMIT)
    terms = [np.outer(a, a) for a in coefficients.T[::-1]]
    for _ in range(30):
        middle = (lo + hi) / 2
        reached = np.zeros_like(middle)
        for term in terms:
            reached = (reached + term) * middle
        high = reached >= covariance
        lo, hi = np.where(high, lo, middle), np.where(high, middle, hi)
    middle = (lo + hi) / 2
    return np.where(terms[-1] > TINY, middle, 0.0)  # constant columns correlate with none


def positive_definite(correlation):
    """The matrix with eigenvalues raised to a lower bound, rescaled to unit diagonal."""
    values, vectors = np.linalg.eigh(correlation)
    if values[0] >= LEAST_EIGENVALUE:
        return correlation
    # einsum, not BLAS: bit-identical on any number of threads
    raised = np.maximum(values, LEAST_EIGENVALUE)
    matrix = np.einsum("ik,k,jk->ij", vectors, raised, vectors)
    scale = np.sqrt(np.diagonal(matrix))
    matrix /= scale[:, None] * scale
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 1.0)
    return matrix


def cholesky(matrix):
    """Lower Cholesky factor, bit-identical on any number of threads (unlike LAPACK's)."""
    lower = np.zeros_like(matrix)
    for j in range(len(matrix)):
        rest = matrix[j:, j] - np.einsum("ik,k->i", lower[j:, :j], lower[j, :j])
        lower[j:, j] = rest / np.sqrt(max(rest[0], 1e-12))
    return lower


class ConditionalNormal:
    """Multivariate normal distribution given intervals or values of some components.

    Parameters
    ----------
    correlation : ndarray of shape (d, d)
        Positive definite.
    known : ndarray of shape (k,) of int
        Components that are restricted.
    low, high : ndarray of shape (k,)
        Ends of their intervals; equal where the value itself is given.
    """

    def __init__(self, correlation, known, low, high):
        point = low == high
        self.points, self.spans = known[point], known[~point]
        self.at, self.low, self.high = low[point], low[~point], high[~point]
        known = np.concatenate([self.points, self.spans])
        self.known = known
        self.free = np.setdiff1d(np.arange(len(correlation)), known)
        inner = correlation[np.ix_(known, known)]
        self.slopes = np.linalg.solve(inner, correlation[np.ix_(known, self.free)]).T
        rest = correlation[np.ix_(self.free, self.free)]
        self.lower = cholesky(rest - self.slopes @ correlation[np.ix_(known, self.free)])
        self._condition_spans(correlation)

    def _condition_spans(self, correlation):
        """Mean and covariance of the interval components, given the point components."""
        among = correlation[np.ix_(self.points, self.points)]
        across = correlation[np.ix_(self.points, self.spans)]
        self.among = among
        slopes = np.linalg.solve(among, across).T
        self.mean = slopes @ self.at
        self.covariance = correlation[np.ix_(self.spans, self.spans)] - slopes @ across

    def log_likelihood(self, rng, n=1_024):
        """Log density of the points over that of independent ones, plus log P(intervals | points).

        The probability is exact for one interval, else estimated from `n` sequential draws
        (importance sampling).
        """
        log_copula = 0.0
        if len(self.points):
            solved = np.linalg.solve(self.among, self.at)
            log_copula = -0.5 * (
                np.linalg.slogdet(self.among)[1] + self.at @ solved - self.at @ self.at
            )
        log_mass = self._sequential(n if len(self.spans) > 1 else 1, rng)[1]
        top = log_mass.max()
        return log_copula + top + np.log(np.mean(np.exp(log_mass - top)))

    def draw(self, n, rng):
        """Vectors of shape (d, n): exact where at most one component is known by an interval.

        Several intervals: sequential draws, then 30 sweeps of Gibbs sampling.
        """
        z = np.empty((len(self.known) + len(self.free), n))
        z[self.points] = self.at[:, None]
        z[self.spans] = self._sequential(n, rng)[0]
        if len(self.spans) > 1:
            self._sweep(z, rng)
        noise = rng.standard_normal((len(self.free), n))
        mean = np.einsum("fk,kn->fn", self.slopes, z[self.known])
        z[self.free] = mean + lower_times(self.lower, noise)
        return z

    def _sequential(self, n, rng):
        """Sample the intervals sequentially, each given those before; log mass of each path."""
        lower = cholesky(self.covariance)
        noise, log_mass = np.empty((len(self.spans), n)), np.zeros(n)
        for j, (low, high) in enumerate(zip(self.low, self.high)):
            mean = self.mean[j] + np.einsum("k,kn->n", lower[j, :j], noise[:j])
            low, high = (low - mean) / lower[j, j], (high - mean) / lower[j, j]
            noise[j], mass = truncated_normal(low, high, rng)
            log_mass += mass
        z = self.mean[:, None] + lower_times(lower, noise)
        return np.clip(z, self.low[:, None], self.high[:, None]), log_mass

    def _sweep(self, z, rng):
        """Gibbs sampling of the interval components."""
        precision = np.linalg.inv(self.covariance)
        scale = 1 / np.sqrt(np.diagonal(precision))
        for _ in range(SWEEPS):
            for j, row in enumerate(self.spans):
                off = z[self.spans] - self.mean[:, None]
                off[j] = 0.0
                mean = self.mean[j] - scale[j] ** 2 * np.einsum("k,kn->n", precision[j], off)
                low, high = (self.low[j] - mean) / scale[j], (self.high[j] - mean) / scale[j]
                moved = mean + scale[j] * truncated_normal(low, high, rng)[0]
                z[row] = np.clip(moved, self.low[j], self.high[j])


def lower_times(lower, noise):
    """Product of a lower triangle with noise of shape (d, n), in a fixed order of operations."""
    out = np.empty_like(noise)
    for j in range(len(lower)):
        out[j] = np.einsum("k,kn->n", lower[j, : j + 1], noise[: j + 1])
    return out


def truncated_normal(low, high, rng):
    """Standard normal draws between `low` and `high`, and the log mass between these."""
    flip = low > 0  # use the lower tail, where ndtr keeps its relative precision
    a, b = np.where(flip, -high, low), np.where(flip, -low, high)
    below, mass = ndtr(a), np.maximum(ndtr(b) - ndtr(a), 0.0)
    z = ndtri(below + rng.uniform(size=len(a)) * mass)
    z = np.clip(np.where(np.isfinite(z), z, b), a, b)  # underflow: the end next to the mean
    log_mass = np.where(mass > 0, np.log(np.maximum(mass, TINY)), log_ndtr(b))
    return np.where(flip, -z, z), log_mass
