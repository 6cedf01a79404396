"""Models of one column, in NumPy alone: a unit scale, a sparse mixture with atoms."""

from dataclasses import dataclass

import numpy as np

MAX_MODES = 10
MAX_BINS = 256
ATOM_SHARE = 0.05  # a value with at least this relative frequency is a mode of zero width
MIN_WEIGHT = 0.005
CHUNK_ROWS = 16_384
_LOG_2PI = np.log(2 * np.pi)


@dataclass(frozen=True)
class UnitScale:
    """Affine map of a column onto [-1, 1], safe from denormals up to the largest float.

    Multiplying the column by a power of two changes the exponent only, not one bit of the mapped
    values.
    """

    exponent: int
    center: float
    half_range: float

    @classmethod
    def fit(cls, x):
        """Map the least value of `x` to -1 and the largest to 1."""
        lo, hi = float(x.min()), float(x.max())
        exponent = int(np.frexp(max(abs(lo), abs(hi)))[1])
        lo, hi = np.ldexp(lo, -exponent), np.ldexp(hi, -exponent)
        return cls(exponent, float((lo + hi) / 2), float((hi - lo) / 2) or 1.0)

    def forward(self, x):
        """Values in the column's own unit to [-1, 1], in float64."""
        return (
            np.ldexp(np.asarray(x, dtype=np.float64), -self.exponent) - self.center
        ) / self.half_range

    def inverse(self, u):
        """Values in [-1, 1] back to the column's own unit."""
        return np.ldexp(u * self.half_range + self.center, self.exponent)


@dataclass(frozen=True)
class Mixture:
    """Gaussian mixture; a mode with `stds` 0 is an atom, one value shared by many rows.

    `means` and `stds` are in the units of `scale`, `atoms` in the column's own: the atoms' values
    come first among the modes.
    """

    scale: UnitScale
    atoms: np.ndarray
    weights: np.ndarray
    means: np.ndarray
    stds: np.ndarray

    @property
    def n_modes(self):
        """Number of modes, the atoms included."""
        return len(self.weights)

    def assign(self, x):
        """Posterior probability of each mode for each value, an array of shape (n, n_modes)."""
        return self._posterior(self.scale.forward(x))

    def split(self, x):
        """The most probable mode of each value; `alpha` is the distance in units of 4 stds.

        The paper draws the mode from the posterior. Where a narrow and a wide mode share a mean,
        that draw is noise unrelated to all other columns, and it attenuates the dependence.
        """
        u = self.scale.forward(x)
        modes = np.empty(len(u), dtype=np.int32)
        for start in range(0, len(u), CHUNK_ROWS):
            part = slice(start, start + CHUNK_ROWS)
            modes[part] = self._most_probable(u[part])
        width = 4 * self.stds[modes]
        alpha = np.divide(u - self.means[modes], width, out=np.zeros_like(u), where=width > 0)
        return np.clip(alpha, -1, 1), modes

    def _most_probable(self, u):
        """Mode of each scaled value, in float32; an atom is the mode of its own value only."""
        n_atoms = len(self.atoms)
        joint = np.full((self.n_modes, len(u)), -np.inf, dtype=np.float32)
        for k in range(n_atoms, self.n_modes):
            z = (u - self.means[k]) / self.stds[k]
            joint[k] = np.log(self.weights[k] / self.stds[k]) - 0.5 * z * z
        for k in range(n_atoms):
            joint[k, u == self.means[k]] = np.inf
        return joint.argmax(axis=0)

    def join(self, alpha, modes):
        """Values of the column from `alpha` and the modes: the inverse of `split`."""
        u = np.asarray(alpha, dtype=np.float64) * 4 * self.stds[modes] + self.means[modes]
        x = self.scale.inverse(mirrored(u))
        is_atom = modes < len(self.atoms)
        x[is_atom] = self.atoms[modes[is_atom]]
        return x

    def _posterior(self, u):
        """Posterior of the modes for scaled values; an atom is the mode of its own value only."""
        n_atoms = len(self.atoms)
        posterior = np.zeros((len(u), self.n_modes))
        if n_atoms < self.n_modes:
            smooth = slice(n_atoms, None)
            state = self.weights[smooth], self.means[smooth], self.stds[smooth] ** 2
            posterior[:, smooth] = _responsibilities(u, 0.0, *state)[0].T
        for k in range(n_atoms):
            posterior[u == self.means[k]] = np.arange(self.n_modes) == k
        return posterior


def mirrored(u):
    """Numbers mirrored at -1 and 1 until they lie between: clipping would pile them up there."""
    outside = np.abs(u) > 1
    if outside.any():
        u = u.copy()
        swing = np.mod(u[outside] + 1, 4)
        u[outside] = np.where(swing <= 2, swing - 1, 3 - swing)
    return u


def ascending(x):
    """Sorted values; `x` itself if it is sorted already."""
    return x if (x[1:] >= x[:-1]).all() else np.sort(x)


def fit_mixture(x, *, max_modes=MAX_MODES):
    """Fit a sparse Gaussian mixture to one column, deterministically.

    Values of a relative frequency of 5 % or more become atoms. The others are summarised in at most
    256 bins by their mass, mean and variance. Expectation-maximisation (EM) starts from
    `max_modes` quantile groups; then the pair of modes that is cheapest to merge (Runnalls 2007) is
    merged repeatedly, and the fit with the lowest Bayesian information criterion (BIC) is kept.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Finite values, at least one.
    max_modes : int, default=10
        Upper bound of the number of modes, atoms included.

    Returns
    -------
    Mixture
    """
    scale = UnitScale.fit(x)
    x = ascending(x)
    starts = np.flatnonzero(np.append(True, x[1:] != x[:-1]))
    counts = np.diff(starts, append=len(x))
    frequent = np.flatnonzero(counts >= max(2, ATOM_SHARE * len(x)))
    frequent = frequent[np.argsort(-counts[frequent], kind="stable")[: max_modes - 1]]
    frequent.sort()
    starts, counts = starts[frequent], counts[frequent]
    rest = x[~np.isin(x, x[starts])] if len(starts) else x
    weights, means, variances = np.empty((3, 0))
    if len(rest):
        weights, means, variances = _fit_smooth(scale.forward(rest), max_modes - len(frequent))
    atoms = x[starts].astype(np.float64)
    return Mixture(
        scale,
        atoms,
        np.concatenate([counts, weights * len(rest)]) / len(x),
        np.concatenate([scale.forward(atoms), means]),
        np.concatenate([np.zeros(len(atoms)), np.sqrt(variances)]),
    )


def _fit_smooth(u, max_modes):
    """Weights, means, variances for sorted values: EM from quantiles, then merging by BIC."""
    mass, mean, variance = _bins(u)
    floor = _variance_floor(u)
    state = _moments(mass, mean, variance, _quantile_groups(len(mean), max_modes), floor)
    best, best_bic = None, np.inf
    while True:
        state, log_likelihood = _em(mass, mean, variance, state, floor)
        bic = (3 * len(state[0]) - 1) * np.log(len(u)) - 2 * len(u) * log_likelihood
        if bic < best_bic:
            best, best_bic = state, bic
        if len(state[0]) == 1:
            return best
        state = _merge_cheapest(*state)


def _bins(u):
    """Mass, mean and within-bin variance of at most MAX_BINS bins of sorted values.

    Half of the edges are at equal mass, half at equal width, so that no bin spans an empty range.
    """
    edges = np.arange(len(u) + 1)
    if len(u) > MAX_BINS:
        half = MAX_BINS // 2
        mass = np.linspace(0, len(u), half + 1).astype(np.intp)
        edges = np.union1d(mass, np.searchsorted(u, np.linspace(u[0], u[-1], half + 1)[1:-1]))
    starts, sizes = edges[:-1], np.diff(edges)
    mean = np.add.reduceat(u, starts) / sizes
    variance = np.add.reduceat((u - np.repeat(mean, sizes)) ** 2, starts) / sizes
    return sizes / len(u), mean, variance


def _variance_floor(u):
    """Least variance of a mode, from the central range: one far outlier does not move it."""
    last = len(u) - 1
    low, high = np.interp([0.05 * last, 0.95 * last], np.arange(len(u)), u)
    central = high - low or np.ptp(u) or 1.0
    return (1e-3 * central) ** 2


def _quantile_groups(n_bins, n_modes):
    """Hard responsibilities (n_modes, n_bins): each mode starts on a run of neighbouring bins."""
    n_modes = min(n_modes, n_bins)
    return np.eye(n_modes)[:, np.arange(n_bins) * n_modes // n_bins]


def _moments(mass, mean, variance, responsibilities, floor):
    """M-step: weights, means and floored variances of the modes that keep enough mass."""
    shares = mass * responsibilities
    weights = shares.sum(axis=1)
    keep = weights >= min(MIN_WEIGHT, 0.5 * weights.max())
    shares, weights = shares[keep], weights[keep]
    # Sums, not BLAS: bit-identical on any number of threads.
    means = (shares * mean).sum(axis=1) / weights
    spread = ((mean - means[:, None]) ** 2 + variance) * shares
    variances = np.maximum(spread.sum(axis=1) / weights, floor)
    return weights / weights.sum(), means, variances


def _responsibilities(mean, variance, weights, means, variances):
    """E-step: responsibilities (n_modes, n_bins) of the modes, and log densities of the bins."""
    log_joint = mean - means[:, None]  # in place from here on: the costliest loop of the fit
    log_joint *= log_joint
    log_joint += variance
    log_joint *= (-0.5 / variances)[:, None]
    log_joint += (np.log(weights) - 0.5 * (_LOG_2PI + np.log(variances)))[:, None]
    top = log_joint.max(axis=0)
    log_joint -= top
    joint = np.exp(log_joint, out=log_joint)
    density = joint.sum(axis=0)
    joint /= density
    return joint, np.log(density) + top


def _em(mass, mean, variance, state, floor, max_iter=60, tol=1e-4):
    """Alternate both steps until the mean log-likelihood gains less than `tol` an iteration."""
    previous = -np.inf
    for _ in range(max_iter):
        responsibilities, log_density = _responsibilities(mean, variance, *state)
        log_likelihood = (mass * log_density).sum()
        if log_likelihood - previous < tol:
            break
        previous = log_likelihood
        state = _moments(mass, mean, variance, responsibilities, floor)
    return state, (mass * _responsibilities(mean, variance, *state)[1]).sum()


def _merge_cheapest(weights, means, variances):
    """Merge the two neighbouring modes whose moment-matched union loses least (Runnalls' bound)."""
    order = np.argsort(means, kind="stable")
    weights, means, variances = weights[order], means[order], variances[order]
    left, right = np.triu_indices(len(means), k=1)
    weight = weights[left] + weights[right]
    mean = (weights[left] * means[left] + weights[right] * means[right]) / weight
    between = weights[left] * weights[right] / weight * (means[left] - means[right]) ** 2
    variance = (
        weights[left] * variances[left] + weights[right] * variances[right] + between
    ) / weight
    cost = (
        weight * np.log(variance)
        - weights[left] * np.log(variances[left])
        - weights[right] * np.log(variances[right])
    )
    i = cost.argmin()
    keep = np.ones(len(means), dtype=bool)
    keep[[left[i], right[i]]] = False
    return tuple(
        np.append(old[keep], new[i])
        for old, new in ((weights, weight), (means, mean), (variances, variance))
    )
