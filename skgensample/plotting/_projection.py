"""Two-dimensional projection of given and generated rows."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from .._typing import Axes, FloatArray
from ..metrics._tables import encoded_pair
from ._axes import PALE, axes_for, class_color, shown
from ._compared import ComparingDisplay

#: Levels of a category with a coordinate of their own; the others share one.
MOST_LEVELS = 30
#: Rows on which the projection is fitted, and standard deviations at which cells are clipped there.
FIT_ROWS, CLIP = 20_000, 5.0
#: Part of the rows inside the axes: a few far rows would squeeze all others into a spot.
INSIDE = (0.002, 0.998)


class ProjectionDisplay(ComparingDisplay):
    """Given and generated rows in two dimensions, by class.

    Both tables are projected on the same two principal components, those of the given rows:
    numeric columns standardised by the given rows, categories one-hot. Generated rows should
    lie where the given rows of their class lie. Make one with `from_sampler`, `from_resampled`
    or `from_tables`.

    Parameters
    ----------
    given, generated : ndarray of shape (n, 2) and (m, 2)
        Coordinates of the rows.
    y_given, y_generated : ndarray of shape (n,) and (m,) or None, default=None
        Their labels.
    explained_variance_ratio : ndarray of shape (2,)
        Part of the variance of the given rows that each component explains.

    Attributes
    ----------
    ax_ : ndarray of matplotlib Axes of shape (2,)
        Given rows on the left, generated rows on the right.
    figure_ : matplotlib Figure
        Their figure.

    See Also
    --------
    MarginalsDisplay : Distributions of single columns.

    Notes
    -----
    Two components often explain a small part of the variance: rows that look alike here may
    differ in others, which `skgensample.metrics.c2st_auroc` finds.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import NumbaSMOTE
    >>> from skgensample.plotting import ProjectionDisplay
    >>> X, y = make_classification(n_samples=300, weights=[0.9], random_state=0)
    >>> display = ProjectionDisplay.from_sampler(NumbaSMOTE(random_state=0), X, y)
    >>> display.generated.shape
    (238, 2)
    """

    def __init__(
        self,
        given: FloatArray,
        generated: FloatArray,
        *,
        y_given: NDArray[Any] | None = None,
        y_generated: NDArray[Any] | None = None,
        explained_variance_ratio: FloatArray,
    ) -> None:
        self.given = given
        self.generated = generated
        self.y_given = y_given
        self.y_generated = y_generated
        self.explained_variance_ratio = explained_variance_ratio

    @classmethod
    def _computed(cls, compared, *, max_rows=2_000, random_state=0):
        """Project at most `max_rows` rows of each class and table, drawn at random."""
        rng = check_random_state(random_state)
        pair = encoded_pair(compared.X_given, compared.X_generated)
        points = _points(pair)
        center, axes, ratio = _principal_axes(points[0], rng)
        parts = {"y_given": compared.y_given, "y_generated": compared.y_generated}
        drawn = []
        for Z, name in zip(points, parts):
            rows = _at_most(max_rows, parts[name], len(Z), rng)
            drawn.append((Z[rows] - center) @ axes)
            parts[name] = None if parts[name] is None else parts[name][rows]
        return cls(*drawn, **parts, explained_variance_ratio=ratio)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw two panels: given rows, and generated rows with the given ones in pale behind.

        Parameters
        ----------
        ax : matplotlib Axes, array of two Axes or None, default=None
            Axes to draw on; a single one is divided in two. None makes a new figure.

        Returns
        -------
        self : ProjectionDisplay
            With `ax_` and `figure_`.
        """
        self.ax_ = axes_for(ax, (1, 2), (10, 4.6))
        self.figure_ = self.ax_[0].figure
        left, right = self.ax_
        labels = self._labels()
        _scatter(left, self.given, self.y_given, labels)
        right.scatter(*self.given.T, s=8, color=PALE, linewidth=0, rasterized=True)
        _scatter(right, self.generated, self.y_generated, labels)
        left.set_title(f"Given rows ({len(self.given):,} drawn)")
        right.set_title(f"Generated rows ({len(self.generated):,} drawn)")
        low, high = np.quantile(np.concatenate([self.given, self.generated]), INSIDE, axis=0)
        pad = 0.05 * (high - low) + 1e-9
        names = [f"Component {i} ({part:.0%} of variance)"
                 for i, part in enumerate(self.explained_variance_ratio, 1)]  # fmt: skip
        for one in self.ax_:
            one.set(xlim=(low[0] - pad[0], high[0] + pad[0]), xlabel=names[0])
            one.set(ylim=(low[1] - pad[1], high[1] + pad[1]))
        left.set_ylabel(names[1])
        if len(labels):
            _legend(left, labels)
        return self

    def _labels(self):
        """Sorted labels of all rows."""
        if self.y_given is None:
            return np.array([])
        return np.unique(np.concatenate([self.y_given, self.y_generated]))


def _points(pair):
    """Coordinates of the rows of both tables: standardised numbers, one-hot categories."""
    blocks = []
    for column in pair.columns:
        both = pair.real[:, column.index], pair.synthetic[:, column.index]
        if column.kind == "categorical":
            counts = np.bincount(both[0].astype(int), minlength=column.n_levels)
            levels = np.argsort(-counts, kind="stable")[:MOST_LEVELS]
            both = [(z[:, None] == levels).astype(float) for z in both]
            blocks.append(both)
            continue
        known = both[0][~np.isnan(both[0])]
        mean, spread = (known.mean(), known.std()) if len(known) else (0.0, 1.0)
        filled = [np.where(np.isnan(z), mean, z) for z in both]
        blocks.append([((z - mean) / (spread or 1.0))[:, None] for z in filled])
    return [np.concatenate(parts, axis=1) for parts in zip(*blocks)]


def _principal_axes(Z, rng):
    """Centre, two principal axes as columns, and the parts of the variance that they explain."""
    rows = rng.permutation(len(Z))[:FIT_ROWS]
    Z = np.clip(Z[rows], -CLIP, CLIP)
    center = Z.mean(axis=0)
    variances, axes = np.linalg.eigh(
        np.cov(Z - center, rowvar=False, ddof=0).reshape(Z.shape[1], -1)
    )
    variances, axes = variances[::-1][:2], axes[:, ::-1][:, :2]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), range(axes.shape[1])] < 0, -1, 1)
    ratio = variances / (Z.var(axis=0).sum() or 1.0)
    if axes.shape[1] < 2:  # a table of one column
        axes, ratio = np.column_stack([axes, [0.0]]), np.append(ratio, 0.0)
    return center, axes, ratio


def _at_most(n, y, n_rows, rng):
    """Row numbers: at most `n` of each class."""
    if y is None:
        return np.sort(rng.permutation(n_rows)[:n])
    rows = [rng.permutation(np.flatnonzero(y == label))[:n] for label in np.unique(y)]
    return np.sort(np.concatenate(rows))


def _scatter(ax, points, y, labels):
    """Draw points in the colours of their classes, smaller classes on top."""
    style = {"s": 10, "alpha": 0.55, "linewidth": 0, "rasterized": True}
    if y is None:
        ax.scatter(*points.T, color=class_color(0), **style)
        return
    for label in sorted(labels, key=lambda label: -np.sum(y == label)):
        color = class_color(np.flatnonzero(labels == label)[0])
        ax.scatter(*points[y == label].T, color=color, **style)


def _legend(ax, labels):
    """Name the classes."""
    handles = [
        ax.scatter([], [], s=24, linewidth=0, color=class_color(i)) for i in range(len(labels))
    ]
    names = [shown(label) for label in labels]
    ax.legend(handles[:12], names[:12], title="Class", fontsize=9, framealpha=0.9)
