"""Rows of each class before and after resampling."""

from typing import Any, Self

import numpy as np
from sklearn.base import clone

from .._typing import Axes, MatrixLike, VectorLike
from ..metrics._tables import flat
from ._axes import GENERATED, GIVEN, axes_for, shown

#: Classes that are drawn; the others are counted in the title.
MOST_CLASSES = 30


class ClassCountsDisplay:
    """Rows of each class before and after resampling.

    Make one with `from_sampler`, `from_resampled` or `from_labels`.

    Parameters
    ----------
    before, after : dict
        Number of rows of each class.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Horizontal bars, the largest class on top.
    figure_ : matplotlib Figure
        Their figure.

    See Also
    --------
    ProjectionDisplay : Where the new rows lie.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import NumbaSMOTE
    >>> from skgensample.plotting import ClassCountsDisplay
    >>> X, y = make_classification(n_samples=300, weights=[0.9], random_state=0)
    >>> sampler = NumbaSMOTE(random_state=0)
    >>> _ = sampler.fit_resample(X, y)
    >>> ClassCountsDisplay.from_sampler(sampler).after
    {0: 269, 1: 269}
    """

    def __init__(self, before: dict[Any, int], after: dict[Any, int]) -> None:
        self.before = before
        self.after = after

    @classmethod
    def from_labels(
        cls, y_before: VectorLike, y_after: VectorLike, *, ax: Axes | None = None
    ) -> Self:
        """Draw the counts of two arrays of labels.

        Parameters
        ----------
        y_before, y_after : array-like of shape (n,) and (m,)
            Labels.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a new figure.

        Returns
        -------
        display : ClassCountsDisplay
            The display, drawn.
        """
        return cls(_counts(y_before), _counts(y_after)).plot(ax)

    @classmethod
    def from_resampled(
        cls,
        X_resampled: MatrixLike,
        y_resampled: VectorLike,
        is_synthetic: VectorLike,
        *,
        ax: Axes | None = None,
    ) -> Self:
        """Draw the counts of a resampled table, with and without its new rows.

        Parameters
        ----------
        X_resampled : {array-like, frame} of shape (n, d)
            Not used; here so that displays are called alike.
        y_resampled : array-like of shape (n,)
            Its labels.
        is_synthetic : array-like of bool of shape (n,)
            Which rows are new: the sampler's attribute `is_synthetic_`.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a new figure.

        Returns
        -------
        display : ClassCountsDisplay
            The display, drawn.
        """
        y, mask = flat(y_resampled), flat(is_synthetic).astype(bool)
        return cls.from_labels(y[~mask], y, ax=ax)

    @classmethod
    def from_sampler(
        cls,
        sampler: Any,
        X: MatrixLike | None = None,
        y: VectorLike | None = None,
        *,
        ax: Axes | None = None,
    ) -> Self:
        """Draw the counts before a sampler and after it.

        Parameters
        ----------
        sampler : object
            Sampler; fitted if no table is given.
        X : {array-like, frame} of shape (n, d), default=None
            Table that a clone of the sampler resamples; None takes the counts of the last table
            that the sampler, one of this package, was given.
        y : array-like of shape (n,), default=None
            Its labels.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a new figure.

        Returns
        -------
        display : ClassCountsDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there is no table, and the sampler has not been fitted.
        """
        if X is not None and y is not None:
            return cls.from_labels(y, clone(sampler).fit_resample(X, y)[1], ax=ax)
        before = getattr(sampler, "class_counts_", None)
        if before is None:
            raise ValueError(
                f"This {type(sampler).__name__} keeps no counts: fit it, or give X and y."
            )
        before = {_plain(label): n for label, n in before.items()}
        added = {_plain(label): n for label, n in sampler.sampling_strategy_.items()}
        return cls(before, {label: n + added.get(label, 0) for label, n in before.items()}).plot(ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw a bar for each class, with its numbers of rows.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a new figure.

        Returns
        -------
        self : ClassCountsDisplay
            With `ax_` and `figure_`.
        """
        labels = list(dict.fromkeys([*self.before, *self.after]))
        labels = sorted(labels, key=lambda label: -self.before.get(label, 0))
        n_all, labels = len(labels), labels[:MOST_CLASSES]
        (self.ax_,) = axes_for(ax, (1, 1), (7, 1.4 + 0.55 * len(labels)))
        self.figure_ = self.ax_.figure
        before, after = (
            np.array([counts.get(label, 0) for label in labels])
            for counts in (self.before, self.after)
        )
        places, height = np.arange(len(labels)), 0.36
        bars = [
            self.ax_.barh(places - height / 2, before, height, color=GIVEN, label="before"),
            self.ax_.barh(places + height / 2, after, height, color=GENERATED, label="after"),
        ]
        for bar in bars:
            self.ax_.bar_label(bar, fmt="{:,.0f}", padding=3, fontsize=9)
        self.ax_.set_yticks(places, [shown(label) for label in labels])
        self.ax_.set_ylim(len(labels) - 0.5, -0.5)
        self.ax_.set_xlim(0, 1.15 * max(before.max(), after.max(), 1))
        self.ax_.xaxis.set_major_formatter("{x:,.0f}")
        self.ax_.xaxis.set_major_locator(_few_ticks())
        left_out = f" ({n_all - len(labels)} smaller ones left out)" if n_all > len(labels) else ""
        self.ax_.set(xlabel="Rows", ylabel="Class", title=f"Rows of each class{left_out}")
        self.ax_.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
        return self


def _few_ticks():
    """Positions of ticks whose long numbers do not touch."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(4, integer=True)


def _counts(y):
    """Rows of each class, as a dict of Python objects."""
    labels, counts = np.unique(flat(y), return_counts=True)
    return dict(zip(labels.tolist(), counts.tolist()))


def _plain(label):
    """A label as a Python object."""
    return label.item() if isinstance(label, np.generic) else label
