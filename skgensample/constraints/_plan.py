"""How rules are held by construction: columns of the model in place of columns of the table."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from ..table import Column, to_places
from ._bound import BoundSum, Rows
from ._joint import Combinations
from ._numbers import settled

#: Ranks of which a computed column keeps the quantiles, and those next to a given value that
#: rows may have before they are given it.
RANKS, WINDOW = np.linspace(0, 1, 101), 0.01


@dataclass(frozen=True)
class Difference:
    """Differences of a derived column from what it is computed from, as numbers of the model.

    Parameters
    ----------
    first, step : float
        Smallest difference, and the step of whole ones, in the common unit; 0 and 1 for floats.
    fill : tuple of float
        What stands for a missing cell of each reference.
    column : Column
        Its description for the model.
    """

    first: float
    step: float
    fill: tuple
    column: Column

    def encode(self, values):
        z = (values - self.first) / self.step
        return z if self.column.decimals is None else to_places(z, self.column.decimals)

    def decode(self, z):
        return self.first + self.step * settled(self.column, z)


class DerivedColumn:
    """A column of the table that is computed from others, with or without a difference.

    Parameters
    ----------
    rule : BoundRule
        The rule that is held.
    derivation : Derivation
        How it is computed.
    Z : ndarray of shape (n, d)
        Given rows, settled.
    column : Column
        Its description in the table.
    is_bounded : bool
        Whether values of floats stay in the range of the given ones.
    """

    def __init__(self, rule, derivation, Z, column, is_bounded):
        # of an equation the difference only stands in for the sum where a part is missing
        self.exact = exact = isinstance(rule, BoundSum)
        self.rule, self.derivation, self.column = rule, derivation, column
        numbers, self.target = derivation.numbers, derivation.target
        involved = [self.target, *derivation.references]
        has_gaps = exact and bool(np.isnan(Z[:, involved]).any())
        self.sign = derivation.sign or int(has_gaps)
        values = [numbers.values(j, Z[:, j]) for j in derivation.references]
        fill = tuple(0.0 if exact or np.isnan(v).all() else float(np.nanmin(v)) for v in values)
        self.difference = self._difference(Z, values, fill) if self.sign else None
        there = Z[:, self.target][~np.isnan(Z[:, self.target])]
        self.quantiles = np.quantile(there, RANKS) if len(there) else None
        self.range = range_of(Z[:, self.target], column, is_bounded)

    def _difference(self, Z, values, fill):
        numbers, name = self.derivation.numbers, self.column.name
        raw = self.sign * (
            numbers.values(self.target, Z[:, self.target]) - self._base(values, fill)
        )
        there = raw[~np.isnan(raw)]
        gaps = len(there) < len(raw)
        if not numbers.whole:
            column = Column(name, 0, "float", missing=gaps, decimals=numbers.places)
            return Difference(0.0, 1.0, fill, column)
        first = float(there.min(initial=np.inf)) if len(there) else 0.0
        step = float(np.gcd.reduce((there - first).astype(np.int64))) or 1.0 if len(there) else 1.0
        top = float(((there - first) / step).max(initial=0.0))
        column = Column(name, 0, "integer", 0.0, top, missing=gaps)
        return Difference(first, step, fill, column)

    def _base(self, values, fill):
        """What the references add up to, with stand-ins for missing cells."""
        terms = zip(self.derivation.coefficients, values, fill)
        return sum(c * np.where(np.isnan(v), own, v) for c, v, own in terms)

    def window(self, value):
        """Numbers within 1 % of the ranks of a value; None for one that many rows have."""
        if value is None or self.quantiles is None or (self.quantiles == value).sum() > 1:
            return None
        rank = np.interp(value, self.quantiles, RANKS)
        return np.interp([rank - WINDOW, rank + WINDOW], RANKS, self.quantiles)

    def _references(self, Z):
        numbers = self.derivation.numbers
        return [numbers.values(j, Z[:, j]) for j in self.derivation.references]

    def encode(self, Z):
        """Numbers of the model, for settled rows."""
        values = self.derivation.numbers.values(self.target, Z[:, self.target])
        base = self._base(self._references(Z), self.difference.fill)
        return self.difference.encode(self.sign * (values - base))

    def fill(self, Z, z):
        """Compute the column in place; returns which rows it has a value for.

        Parameters
        ----------
        Z : ndarray of shape (n, d)
            Rows, settled in all references.
        z : ndarray of shape (n,) or None
            Numbers of the difference.
        """
        values, numbers = self._references(Z), self.derivation.numbers
        fill = self.difference.fill if self.sign else (0.0,) * len(values)
        total = self._base(values, fill)
        whole = ~np.any([np.isnan(v) for v in values], axis=0)
        if self.sign:
            extra = self.sign * self.difference.decode(z)
            if self.exact:
                extra = np.where(whole & ~np.isnan(extra), 0.0, extra)
            total = total + extra
        origin, step = numbers.affine(self.target)
        exact = (total - origin) / step
        bounded = ~((exact < self.range[0]) | (exact > self.range[1]))
        Z[:, self.target] = settled(self.column, exact)
        if not self.exact:
            self._nudge(Z)
        return bounded

    def _nudge(self, Z):
        """Move values one step of their grid away from where rounding broke an inequality."""
        places = self.column.decimals
        step = 1.0 if self.column.kind != "float" else None if places is None else 10.0**-places
        rows = ~self.rule.holds(Rows(None, Z))
        if step is not None and rows.any():
            Z[rows, self.target] = settled(self.column, Z[rows, self.target] + self.sign * step)


def range_of(z, column, is_bounded):
    """The least and the largest number that cells of a column may have.

    Parameters
    ----------
    z : ndarray of shape (n,)
        Its given numbers, NaN for missing cells.
    column : Column
        The column.
    is_bounded : bool
        Whether floats stay in the range of the given ones.

    Returns
    -------
    tuple of float
    """
    if column.kind != "float":
        return column.lo, column.hi
    if not is_bounded or np.isnan(z).all():
        return -np.inf, np.inf
    rounding = 1e-9 * np.nanmax(np.abs(z))  # a sum of floats may differ in the last digit
    return float(np.nanmin(z) - rounding), float(np.nanmax(z) + rounding)


def rounded_range(z, column, is_bounded):
    """As `range_of`, with bounds that tell no extreme cell: multiples of 1 to 10 % of their span.

    Returns
    -------
    low, high, step : float
        The bounds are rounded outwards, by less than a step each.
    """
    low, high = range_of(z, column, is_bounded)
    if column.kind != "float" or not 0 < high - low < np.inf:
        return float(low), float(high), 0.0
    step = 10.0 ** np.floor(np.log10(high - low) - 1)
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step), float(step)


class Plan:
    """Columns of the model in place of those of the table; see `ConstrainedCodec`.

    Parameters
    ----------
    bound : list of BoundRule
        Rules, bound to the table.
    columns : list of Column
        Columns of the table.
    Z : ndarray of shape (n, d)
        Given rows, settled.
    is_bounded : bool
        Whether derived floats stay in the range of the given ones.
    """

    #: Bounds of the columns of sums; none in models that an earlier version has saved.
    ranges: ClassVar[dict] = {}

    def __init__(self, bound, columns, Z, is_bounded):
        self.table_columns = columns
        self.ranges = {
            j: rounded_range(Z[:, j], columns[j], is_bounded)
            for rule in bound
            if isinstance(rule, BoundSum)
            for j in rule.columns
        }
        self.joints = [Combinations(group, Z[:, group]) for group in merged_groups(bound)]
        self.joint_of = {j: joint for joint in self.joints for j in joint.columns}
        self.derived = {
            derivation.target: DerivedColumn(
                rule, derivation, Z, columns[derivation.target], is_bounded
            )
            for rule, derivation in self._derivations(bound)
        }
        self._describe()

    def _derivations(self, bound):
        """A derivation for each rule that can have one: sums first, no column twice, no circle."""
        depends = {}
        for rule in sorted(bound, key=lambda rule: not isinstance(rule, BoundSum)):
            if rule.is_joint:
                continue
            for derivation in rule.derivations():
                target = derivation.target
                taken = target in self.joint_of or target in depends
                if taken or _reaches(depends, derivation.references, target):
                    continue
                depends[target] = derivation.references
                yield rule, derivation
                break

    def outside(self, j, z, within=False):
        """Whether numbers of a column of the table are beyond its bounds.

        Those of floats are rounded, outwards or, with `within`, inwards.
        """
        low, high, step = self.ranges.get(j, (-np.inf, np.inf, 0.0))
        inset = step if within else 0.0
        return (z < low + inset) | (z > high - inset)

    def _describe(self):
        """Columns of the model, and where each comes from."""
        self.columns, self.sources = [], []
        for column in self.table_columns:
            joint, derived = self.joint_of.get(column.index), self.derived.get(column.index)
            if joint is not None:
                if joint.columns[0] != column.index:
                    continue
                own = self._joint_column(column.name, joint)
                self.sources.append(joint)
            elif derived is not None and not derived.sign:
                continue
            else:
                own = column if derived is None else derived.difference.column
                self.sources.append(derived or column)
            self.columns.append(replace(own, index=len(self.columns)))
        self._place_omitted()

    def _joint_column(self, name, joint):
        """A column of combinations, each a level."""
        names, n = tuple(self.table_columns[j].name for j in joint.columns), len(joint.levels)
        facts = {"stands_for": names, "part_gaps": joint.gaps}
        return Column(name, 0, "categorical", 0.0, n - 1.0, n, **facts)

    def _place_omitted(self):
        """Let a column stand for each one that is computed from it alone."""
        for target, derived in self.derived.items():
            if derived.sign:
                continue
            name = self.table_columns[target].name
            self.columns[0] = replace(
                self.columns[0], stands_for=(*self.columns[0].stands_for, name)
            )

    @cached_property
    def place_of(self):
        """Position among the columns of the model of each that is as in the table."""
        return {
            source.index: place
            for place, source in enumerate(self.sources)
            if isinstance(source, Column)
        }

    @cached_property
    def order(self):
        """Derived columns, each after those that it is computed from."""
        found, left = [], dict(self.derived)
        while left:
            ready = [j for j, d in left.items() if not set(d.derivation.references) & set(left)]
            found += [left.pop(j) for j in ready]
        return found

    def encode(self, Z):
        """Numbers of the model for settled rows; -1 for combinations that did not occur."""
        made = np.empty((len(Z), len(self.columns)))
        for place, source in enumerate(self.sources):
            if isinstance(source, Combinations):
                made[:, place] = source.codes(Z[:, source.columns])
            elif isinstance(source, DerivedColumn):
                made[:, place] = source.encode(Z)
            else:
                made[:, place] = Z[:, source.index]
        return made

    def decode(self, made):
        """Rows of the table, settled, from numbers of the model, and which of them exist.

        A row does not exist if a column that is computed has no such value in the table.
        """
        Z, found = np.empty((len(made), len(self.table_columns))), np.ones(len(made), dtype=bool)
        differences = {}
        for place, source in enumerate(self.sources):
            if isinstance(source, Combinations):
                Z[:, source.columns] = source.rows(made[:, place])
            elif isinstance(source, DerivedColumn):
                differences[source.target] = made[:, place]
            else:
                Z[:, source.index] = settled(source, made[:, place])
        for derived in self.order:
            found &= derived.fill(Z, differences.get(derived.target))
        return Z, found


def merged_groups(bound):
    """Columns of each joint column: rules that share a column have one together."""
    groups = []
    for rule in bound:
        if not rule.is_joint or len(rule.columns) < 2:
            continue
        own = set(rule.columns)
        for other in [group for group in groups if group & own]:
            own |= other
            groups.remove(other)
        groups.append(own)
    return [sorted(group) for group in groups]


def _reaches(depends, columns, target):
    """Whether one of some columns is, or is computed from, the target."""
    todo = list(columns)
    while todo:
        column = todo.pop()
        if column == target:
            return True
        todo += depends.get(column, ())
    return False
