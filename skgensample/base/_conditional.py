"""Sampling under conditions on columns: parsing, and rejection sampling for any model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..table import Condition, column_cells, column_names, is_frame, places_of
from ._over_sampler import repeated_labels

#: Rows of one batch of rejection sampling, at least and at most.
BATCH_ROWS = (1_024, 65_536)
#: Rejection sampling gives up after this many rows, or this many for each row wanted.
MOST_ROWS, MOST_PER_ROW = 100_000, 100


@dataclass(frozen=True)
class ConditionedModel:
    """A fitted model and the conditions that its rows are to satisfy.

    Parameters
    ----------
    model : object
        The fitted model of whole rows.
    conditions : list of Condition
        At most one for each column.
    effective : list of tuple
        Number of rows and effective share of each sampling, where a model weights its rows.
    rest : list of Condition
        Conditions on columns of the table that constraints have replaced in the model.
    """

    model: object
    conditions: list
    effective: list = field(default_factory=list)
    rest: list = field(default_factory=list)

    def accepts(self, Z):
        """Which rows satisfy all conditions."""
        found = np.ones(len(Z), dtype=bool)
        for condition in self.conditions:
            found &= condition.mask(Z[:, condition.index])
        return found


def parse_conditions(codec, conditions):
    """Encode conditions that a user gave.

    Parameters
    ----------
    codec : TableCodec
        Fitted codec of the table.
    conditions : dict
        By column: a value, a list of values or an interval (low, high).

    Returns
    -------
    list of Condition

    Raises
    ------
    ValueError
        If it is not such a dict, a column is not known, or cannot hold what is asked for.
    """
    if not isinstance(conditions, Mapping) or not conditions:
        raise ValueError("conditions must be a dict {column: value} with at least one column.")
    return [codec.condition(name, wanted) for name, wanted in conditions.items()]


def encode_cells(codec, partial):
    """Encode rows, of which some cells may be left out.

    Parameters
    ----------
    codec : TableCodec
        Fitted codec of the table.
    partial : frame, or dict of column to list
        Columns of the table; a missing cell is to be generated, as are columns that are left out.

    Returns
    -------
    cells : ndarray of shape (n, d)
        Given cells, NaN where a cell is to be generated.

    Raises
    ------
    ValueError
        If it has no row, a column that is not known, or a cell that the column cannot hold; the
        message names column and row.
    """
    if isinstance(partial, Mapping):
        columns = {name: _listed(name, values) for name, values in partial.items()}
    elif is_frame(partial):
        names = column_names(partial)
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if twice:
            raise ValueError(f"partial has several columns {twice[0]!r}: give each column once.")
        columns = {name: column_cells(partial, name) for name in names}
    else:
        raise ValueError(
            "partial must be a frame, or a dict {column: list of values}, with columns of the "
            f"fitted table; got {type(partial).__name__}."
        )
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError("partial must have one or more rows, and as many in each column.")
    cells = np.full((lengths.pop(), len(codec.table_columns)), np.nan)
    for name, values in columns.items():
        cells[:, codec.column(name).index] = codec.encode_cells(name, values)
    return cells


def _listed(name, values):
    """Cells of a column as a list."""
    one = isinstance(values, str | bytes | Mapping) or getattr(values, "ndim", 1) == 0
    if one or not isinstance(values, Iterable):
        raise ValueError(
            f"Column {name!r}: partial takes a list of values, one for each row, and got one "
            f"{type(values).__name__}. For the same value in all rows use conditions."
        )
    if getattr(values, "ndim", 1) > 1:
        raise ValueError(f"Column {name!r}: partial takes a list of values, not a table.")
    listed = list(values)  # not tolist(), which makes integers of dates in nanoseconds
    if not listed:
        raise ValueError(f"Column {name!r}: the list of values is empty; give one or more.")
    return listed


class RejectionSampling:
    """Sampling under conditions from any model: generate rows, keep those that satisfy them."""

    def prepare(self, conditioned):
        """Check what only the model knows; returns what is sampled from."""
        return conditioned

    def finish(self, sampler, conditioned):
        """Report on all rows of one call; nothing to say about rejection."""

    def rates(self, sampler, conditioned, rng):
        """Probability of the conditions in each class, up to a common factor.

        Parameters
        ----------
        sampler : BaseGenerator
            The fitted sampler.
        conditioned : ConditionedModel
            Model and conditions.
        rng : RandomState
            Source of all draws.

        Returns
        -------
        ndarray of shape (n_classes,)
            In the order of the sorted labels.
        """
        rates = []
        for label in sampler._labels:
            draw = _drawing(sampler, conditioned.model, label, rng)
            accepted = conditioned.accepts(draw(4 * BATCH_ROWS[0]))
            if not accepted.any():
                accepted = np.append(accepted, conditioned.accepts(draw(BATCH_ROWS[1])))
            rates.append(accepted.mean())
        return np.array(rates)

    def generate(self, sampler, conditioned, label, n, rng, out):
        """Fill `out` with n rows of one class that satisfy the conditions.

        Raises
        ------
        ValueError
            If too few rows satisfy the conditions; the message gives the acceptance rate.
        """
        draw = _drawing(sampler, conditioned.model, label, rng)
        most = max(MOST_ROWS, MOST_PER_ROW * n)
        found = tried = 0
        while found < n:
            if tried >= most:
                raise ValueError(
                    f"{type(sampler).__name__} samples under conditions by rejection, and {found} "
                    f"of {tried:,} generated rows satisfy them all (acceptance rate "
                    f"{found / tried:.2g}): too few for {n} rows. Give wider intervals or fewer "
                    "conditions, or use a model that takes conditions exactly, such as "
                    "AutoregressiveResampler or GaussianCopulaResampler."
                )
            rate = max(found, 1) / max(tried, 1)
            batch = min(int(np.clip(1.2 * (n - found) / rate, *BATCH_ROWS)), most - tried)
            Z = draw(batch)
            Z = Z[conditioned.accepts(Z)][: n - found]
            out[found : found + len(Z)] = Z
            found, tried = found + len(Z), tried + batch
        return out

    def complete(self, sampler, model, cells, label, rng):
        """Complete partial rows; equal ones are sampled at once.

        Parameters
        ----------
        sampler : BaseGenerator
            The fitted sampler.
        model : object
            Its model.
        cells : ndarray of shape (n, d)
            Given cells, NaN where a cell is to be generated.
        label : label or None
            Class of all rows; None draws it given the cells.
        rng : RandomState
            Source of all draws.

        Returns
        -------
        Z : ndarray of shape (n, d)
        labels : ndarray of shape (n,)
        """
        # as bytes, since NaN equals no other NaN
        rows = np.ascontiguousarray(cells).view(
            np.dtype((np.void, cells.itemsize * cells.shape[1]))
        )
        _, first, at = np.unique(rows.ravel(), return_index=True, return_inverse=True)
        different, at = cells[first], at.ravel()
        Z, labels = np.empty_like(cells), np.empty(len(cells), sampler._labels.dtype)
        for i, row in enumerate(different):
            rows = np.flatnonzero(at == i)
            given = [
                Condition(column.index, column.name, row[[j]], places=places_of(column))
                for j, column in enumerate(sampler.codec_.columns)
                if not np.isnan(row[j])
            ]
            conditioned = self.prepare(ConditionedModel(model, given)) if given else model
            counts = {label: len(rows)}
            if label is None:
                drawn = rng.multinomial(len(rows), sampler._label_probabilities(conditioned, rng))
                counts = dict(zip(sampler._labels, drawn.tolist()))
            labels[rows] = rng.permutation(repeated_labels(counts, labels.dtype))
            for one, n in counts.items():
                if n:
                    own = rows[labels[rows] == one]
                    out = np.empty((n, cells.shape[1]))
                    Z[own] = sampler._generate_rows(conditioned, one, n, rng, out)
        return Z, labels


def _drawing(sampler, model, label, rng):
    """Return a function that generates n rows of a class."""
    width = len(sampler.codec_.columns)
    return lambda n: sampler._generate(model, label, n, rng, np.empty((n, width)))
