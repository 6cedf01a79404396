"""Marginal distributions of given and generated rows, column by column."""

from dataclasses import dataclass
from numbers import Number
from typing import Self

import numpy as np

from .._typing import Axes, Label
from ..metrics import column_density_error
from ..metrics._tables import encoded_with_codec
from ._axes import GENERATED, GIVEN, axes_for, shown
from ._compared import ComparingDisplay

#: Numbers with no more different values have a bar for each.
FEW_VALUES = 20
#: Bins of a histogram; levels of a category that are drawn, the others sharing a bar.
BINS, MOST_LEVELS = 30, 8
#: Quantiles of the given rows between which the bins lie; the outer bins hold what is beyond.
RANGE = (0.005, 0.995)


@dataclass(frozen=True)
class Marginal:
    """Distribution of one column in two tables.

    Parameters
    ----------
    name : object
        The column's label in a frame, its position in other containers.
    error : float
        Distance of the two distributions, as `skgensample.metrics.column_density_error`.
    given, generated : ndarray of shape (n_bins,)
        Part of the rows in each bin or level.
    edges : ndarray of shape (n_bins + 1,) or None
        Edges of bins; None for levels.
    ticks : list of tuple
        Positions and texts of the axis, of bins only where numbers do not say it.
    missing : tuple of float
        Part of the rows in which a number is missing.
    """

    name: object
    error: float
    given: np.ndarray
    generated: np.ndarray
    edges: np.ndarray | None
    ticks: list
    missing: tuple = (0.0, 0.0)


class MarginalsDisplay(ComparingDisplay):
    """Marginal distributions of given and generated rows, the worst columns first.

    Histograms for numbers, bars for categories. Make one with `from_sampler`, `from_resampled` or
    `from_tables`. Where there are labels, rows of one class are compared, since given and
    generated rows have other class frequencies.

    Parameters
    ----------
    marginals : list of Marginal
        One for each column drawn.
    n_columns : int
        Number of columns of the table.
    label : label or None, default=None
        Class whose rows are compared; None for all rows.

    Attributes
    ----------
    ax_ : ndarray of matplotlib Axes
        One for each column drawn.
    figure_ : matplotlib Figure
        Their figure.

    See Also
    --------
    ProjectionDisplay : Rows in two dimensions.
    skgensample.metrics.column_density_error : The error that orders the columns.

    Notes
    -----
    With few rows of a class two samples of the same distribution differ too: for n rows the error
    of a number is then about :math:`1 / \\sqrt{n}`. Bins lie between the 0.5 % and 99.5 %
    quantiles of the given rows, and the outer bins hold the rows beyond.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import NumbaSMOTE
    >>> from skgensample.plotting import MarginalsDisplay
    >>> X, y = make_classification(n_samples=300, weights=[0.9], random_state=0)
    >>> display = MarginalsDisplay.from_sampler(NumbaSMOTE(random_state=0), X, y)
    >>> len(display.ax_), display.label
    (12, 1)
    """

    def __init__(
        self, marginals: list[Marginal], *, n_columns: int, label: Label | None = None
    ) -> None:
        self.marginals = marginals
        self.n_columns = n_columns
        self.label = label

    @classmethod
    def _computed(cls, compared, *, label=None, max_columns=12):
        """Distributions of the worst columns.

        `label` is the class whose rows are compared; None takes the one with most generated rows.
        """
        if compared.y_given is not None:
            label = compared.most_generated() if label is None else label
            compared = compared.only(label)
            label = label.item() if isinstance(label, np.generic) else label
        errors = column_density_error(compared.X_given, compared.X_generated, average=False)
        pair, codec = encoded_with_codec(compared.X_given, compared.X_generated)
        worst = np.argsort(-errors, kind="stable")[:max_columns]
        marginals = [
            _marginal(codec, pair.columns[j], pair.real[:, j], pair.synthetic[:, j], errors[j])
            for j in worst
        ]
        return cls(marginals, n_columns=len(errors), label=label)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw a panel for each column.

        Parameters
        ----------
        ax : matplotlib Axes, array of Axes or None, default=None
            Axes to draw on; a single one is divided. None makes a new figure.

        Returns
        -------
        self : MarginalsDisplay
            With `ax_` and `figure_`.
        """
        n = len(self.marginals)
        across = min(4, n)
        down = -(-n // across)
        given = None if ax is None else np.ravel(np.asarray(ax, dtype=object))
        if given is not None and 1 < given.size:
            self.ax_ = axes_for(ax, (1, n), None)
        else:
            axes = axes_for(ax, (down, across), (3.2 * across, 2.4 * down + 0.5))
            self.ax_ = axes[:n]
            for empty in axes[n:]:
                empty.set_axis_off()
        self.figure_ = self.ax_[0].figure
        for one, marginal in zip(self.ax_, self.marginals):
            _draw(one, marginal)
        self.ax_[0].legend(fontsize=8, framealpha=0.8)
        if ax is None:
            self.figure_.suptitle(self._title(), fontsize=11)
        return self

    def _title(self):
        """What is drawn."""
        whose = "" if self.label is None else f" of class {shown(self.label)}"
        n = len(self.marginals)
        which = "" if n == self.n_columns else f", the {n} worst of {self.n_columns} columns"
        return f"Distributions of given and generated rows{whose}{which}"


def _marginal(codec, column, given, generated, error):
    """Distribution of one column."""
    if column.kind == "categorical":
        return _of_levels(codec, column, given, generated, error)
    missing = tuple(float(np.isnan(z).mean()) for z in (given, generated))
    given, generated = (z[~np.isnan(z)] for z in (given, generated))
    values = np.unique(np.concatenate([given, generated]))
    if len(values) <= FEW_VALUES:
        parts = [_parts(np.searchsorted(values, z), len(values)) for z in (given, generated)]
        texts = [_text(codec.cell(codec.columns[column.index], value)) for value in values]
        return Marginal(column.name, error, *parts, None, list(enumerate(texts)), missing)
    edges = _edges(given if len(given) else generated, column.kind != "float")
    parts = [
        _parts(np.clip(np.searchsorted(edges, z, "right") - 1, 0, len(edges) - 2), len(edges) - 1)
        for z in (given, generated)
    ]
    first, ticks = codec.cell(codec.columns[column.index], 0.0), []
    if column.kind != "float" and isinstance(first, Number):
        edges = edges + float(first)
    elif column.kind != "float":  # dates and durations
        places = np.unique(np.rint(np.linspace(edges[0], edges[-1], 3)))
        cells = [codec.cell(codec.columns[column.index], place) for place in places]
        ticks = [(place, _text(cell)) for place, cell in zip(places, cells)]
    return Marginal(column.name, error, *parts, edges, ticks, missing)


def _edges(z, whole):
    """Edges of equal bins between the outer quantiles; of whole numbers halfway between them."""
    low, high = np.quantile(z, RANGE)
    if high <= low:
        low, high = z.min(), z.max()
    if high <= low:
        low, high = low - 0.5, high + 0.5
    if not whole:
        return np.linspace(low, high, BINS + 1)
    width = max(1.0, np.ceil((high - low + 1) / BINS))
    return np.arange(low - 0.5, high + width, width)


def _parts(places, n):
    """Part of the rows at each place."""
    return np.bincount(places.astype(int), minlength=n) / max(1, len(places))


def _of_levels(codec, column, given, generated, error):
    """Distribution of a category: its most frequent levels, and all others."""
    parts = [_parts(z, column.n_levels) for z in (given, generated)]
    names = [_text(level) for level in codec.levels(codec.columns[column.index])]
    names += ["(missing)"] * (column.n_levels - len(names))
    order = np.argsort(-(parts[0] + parts[1]), kind="stable")
    most, rest = order[:MOST_LEVELS], order[MOST_LEVELS:]
    texts = [names[i] for i in most]
    parts = [part[most] for part in parts] if not len(rest) else [
        np.append(part[most], part[rest].sum()) for part in parts
    ]  # fmt: skip
    texts += [f"({len(rest)} others)"] * bool(len(rest))
    return Marginal(column.name, error, *parts, None, list(enumerate(texts)))


def _text(cell):
    """A cell as the text of a tick."""
    if isinstance(cell, float):
        return f"{cell:.4g}"
    return str(cell).removesuffix(" 00:00:00")


def _draw(ax, marginal):
    """Draw one column."""
    n = len(marginal.given)
    if marginal.edges is None:
        places, width = np.arange(n), 0.4
        ax.bar(places - width / 2, marginal.given, width, color=GIVEN, label="given")
        ax.bar(places + width / 2, marginal.generated, width, color=GENERATED, label="generated")
        longest = max((len(text) for _, text in marginal.ticks), default=0)
        slant = {"rotation": 40, "ha": "right"} if longest * n > 28 else {}
        positions = [place for place, _ in marginal.ticks]
        ax.set_xticks(positions, [shown(text) for _, text in marginal.ticks], fontsize=7, **slant)
    else:
        ax.stairs(marginal.given, marginal.edges, fill=True, alpha=0.45, color=GIVEN, label="given")
        ax.stairs(
            marginal.generated, marginal.edges, color=GENERATED, linewidth=1.5, label="generated"
        )
        if marginal.ticks:
            places, texts = zip(*marginal.ticks)
            ax.set_xticks(places, [shown(text) for text in texts], fontsize=7)
    name = shown(marginal.name) if isinstance(marginal.name, str) else f"column {marginal.name}"
    ax.set_title(f"{name}: error {marginal.error:.3f}", fontsize=9)
    ax.tick_params(labelsize=7)
    ax.yaxis.set_major_formatter("{x:.0%}")
    if any(marginal.missing):
        text = "missing: {:.0%} and {:.0%}".format(*marginal.missing)
        ax.set_xlabel(text, fontsize=7)
