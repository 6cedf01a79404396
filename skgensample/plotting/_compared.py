"""Given and generated rows that a display compares."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import clone

from .._typing import Axes, MatrixLike, Resamples, VectorLike
from ..metrics._tables import flat
from ..table import rows_at


@dataclass(frozen=True)
class Compared:
    """Given and generated rows.

    Parameters
    ----------
    X_given, X_generated : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns.
    y_given, y_generated : ndarray of shape (n,) and (m,), or None
        Labels.
    """

    X_given: object
    X_generated: object
    y_given: np.ndarray | None = None
    y_generated: np.ndarray | None = None

    @classmethod
    def of(cls, X_given, X_generated, y_given, y_generated):
        """Two tables, and labels of both or of none.

        Raises
        ------
        ValueError
            If only one table has labels.
        """
        if (y_given is None) != (y_generated is None):
            raise ValueError("Give the labels of both tables, or of none.")
        if y_given is None:
            return cls(X_given, X_generated)
        return cls(X_given, X_generated, flat(y_given), flat(y_generated))

    @classmethod
    def resampled(cls, X, y, is_synthetic):
        """The two parts of a resampled table.

        Raises
        ------
        ValueError
            If the mask has not one value for each row, or one part is empty.
        """
        y, mask = flat(y), flat(is_synthetic).astype(bool)
        if len(mask) != len(y):
            raise ValueError(
                f"is_synthetic has {len(mask)} values for {len(y)} rows: give the mask "
                "`is_synthetic_` of the sampler that made this table."
            )
        if mask.all() or not mask.any():
            none = "given" if mask.all() else "generated"
            raise ValueError(f"The table has no {none} row: compare two tables with `from_tables`.")
        given, made = np.flatnonzero(~mask), np.flatnonzero(mask)
        return cls(rows_at(X, given), rows_at(X, made), y[given], y[made])

    @classmethod
    def sampled(cls, sampler, X, y):
        """Given rows, and those that a clone of the sampler generates.

        Raises
        ------
        ValueError
            If the sampler adds no row.
        """
        sampler = clone(sampler)
        X_all, y_all = sampler.fit_resample(X, y)
        n_given, n_all = len(flat(y)), len(flat(y_all))
        # samplers of imbalanced-learn return the given rows first, and no mask
        mask = getattr(sampler, "is_synthetic_", np.arange(n_all) >= n_given)
        if n_all and mask.all():
            return cls(X, X_all, flat(y), flat(y_all))
        if n_all < n_given or not mask.any():
            raise ValueError(
                f"{type(sampler).__name__} has added no row: there is nothing to compare."
            )
        return cls.resampled(X_all, y_all, mask)

    def only(self, label):
        """The rows of one class, in both tables.

        Raises
        ------
        ValueError
            If one table has no such row.
        """
        parts = []
        for X, y in ((self.X_given, self.y_given), (self.X_generated, self.y_generated)):
            rows = np.flatnonzero(y == label)
            if not len(rows):
                known = np.intersect1d(self.y_given, self.y_generated).tolist()
                raise ValueError(
                    f"label={label!r} has no rows in one of the tables: give one of {known}."
                )
            parts.append(rows_at(X, rows))
        return Compared(*parts)

    def most_generated(self):
        """The class with most generated rows."""
        labels, counts = np.unique(self.y_generated, return_counts=True)
        return labels[counts.argmax()]


class ComparingDisplay:
    """Mixin of displays of given and generated rows: the ways to hand them over."""

    #: A subclass computes itself from `Compared` tables and options.
    _computed: ClassVar[Callable[..., Any]]

    @classmethod
    def from_tables(
        cls,
        X_given: MatrixLike,
        X_generated: MatrixLike,
        y_given: VectorLike | None = None,
        y_generated: VectorLike | None = None,
        *,
        ax: Axes | None = None,
        **options: Any,
    ) -> Self:
        """Draw two tables.

        Parameters
        ----------
        X_given, X_generated : {array-like, frame} of shape (n, d) and (m, d)
            Tables of the same kind and columns.
        y_given, y_generated : array-like of shape (n,) and (m,), default=None
            Labels of both, or of none.
        ax : matplotlib Axes, array of Axes or None, default=None
            Axes to draw on, as in `plot`.
        **options : dict
            Options of the display.

        Returns
        -------
        display : object
            The display, drawn.
        """
        compared = Compared.of(X_given, X_generated, y_given, y_generated)
        return cls._computed(compared, **options).plot(ax)

    @classmethod
    def from_resampled(
        cls,
        X_resampled: MatrixLike,
        y_resampled: VectorLike,
        is_synthetic: VectorLike,
        *,
        ax: Axes | None = None,
        **options: Any,
    ) -> Self:
        """Draw the two parts of a resampled table.

        Parameters
        ----------
        X_resampled : {array-like, frame} of shape (n, d)
            Table that a sampler returned.
        y_resampled : array-like of shape (n,)
            Its labels.
        is_synthetic : array-like of bool of shape (n,)
            Which rows are new: the sampler's attribute `is_synthetic_`.
        ax : matplotlib Axes, array of Axes or None, default=None
            Axes to draw on, as in `plot`.
        **options : dict
            Options of the display.

        Returns
        -------
        display : object
            The display, drawn.
        """
        compared = Compared.resampled(X_resampled, y_resampled, is_synthetic)
        return cls._computed(compared, **options).plot(ax)

    @classmethod
    def from_sampler(
        cls,
        sampler: Resamples,
        X: MatrixLike,
        y: VectorLike,
        *,
        ax: Axes | None = None,
        **options: Any,
    ) -> Self:
        """Resample a table with a clone of a sampler, and draw given and generated rows.

        Parameters
        ----------
        sampler : object
            Sampler of this package or of imbalanced-learn that adds rows.
        X : {array-like, frame} of shape (n, d)
            Table.
        y : array-like of shape (n,)
            Labels.
        ax : matplotlib Axes, array of Axes or None, default=None
            Axes to draw on, as in `plot`.
        **options : dict
            Options of the display.

        Returns
        -------
        display : object
            The display, drawn.
        """
        return cls._computed(Compared.sampled(sampler, X, y), **options).plot(ax)
