"""Conditions on columns of a table as conditions on columns of a model under rules."""

from dataclasses import dataclass, field, replace

import numpy as np

from ..table import Condition, places_of
from ._bound import BoundSum
from ._numbers import settled


@dataclass
class Translated:
    """Conditions that a model takes, and those that are left to rejection.

    Parameters
    ----------
    conditions : list of Condition
        On columns of the model.
    rest : list of Condition
        On columns of the table; rows are checked once they are generated.
    """

    conditions: list = field(default_factory=list)
    rest: list = field(default_factory=list)

    @property
    def cells(self):
        """By column of the model, the one value allowed; None if there are conditions of others."""
        if self.rest or not all(condition.is_single for condition in self.conditions):
            return None
        return {condition.index: condition.values[0] for condition in self.conditions}


def translated(codec, conditions):
    """Translate conditions on columns of the table.

    Parameters
    ----------
    codec : ConstrainedCodec
        Fitted codec.
    conditions : list of Condition
        At most one for each column of the table.

    Returns
    -------
    Translated

    Raises
    ------
    ValueError
        If a rule and the conditions contradict each other; both are named.
    """
    plan, found = codec.plan, Translated()
    given = {condition.index: condition for condition in conditions}
    _refuse_contradictions(codec, given)
    for rule in codec.bound:
        if isinstance(rule, BoundSum):
            _solve_sum(codec, rule, given)
            _refuse_outside(codec, rule, given)
    places = {id(source): place for place, source in enumerate(plan.sources)}
    for joint in plan.joints:
        condition = _levels(codec, joint, given, places[id(joint)])
        if condition is not None:
            found.conditions.append(condition)
    for j, condition in given.items():
        if j in plan.place_of:
            found.conditions.append(replace(condition, index=plan.place_of[j]))
        elif j in plan.derived:
            _derive(plan.derived[j], condition, given, places, found)
    return found


def _refuse_contradictions(codec, given):
    """Raise if a rule cannot hold for any row that satisfies the conditions."""
    low = np.full(len(codec.table_columns), -np.inf)
    high = -low
    for j, condition in given.items():
        low[j], high[j] = condition.low, condition.high
        if condition.values is not None:
            low[j], high[j] = condition.values.min(), condition.values.max()
    for rule in codec.bound:
        named = [given[j] for j in rule.columns or () if j in given]
        missing = any(condition.allows_missing for condition in named)
        if named and not missing and not rule.possible(low, high):
            raise contradiction(rule, named)


def contradiction(rule, conditions):
    """The error that names a rule and the conditions that contradict it."""
    names = ", ".join(repr(condition.name) for condition in conditions)
    return ValueError(
        f"What is asked for of column {names} contradicts the rule {rule.rule!r}: no row can "
        "satisfy both. Change one of them."
    )


def _single(given, j):
    """The one value that is asked for in a column, None without one."""
    condition = given.get(j)
    if condition is None or not condition.is_single or np.isnan(condition.values[0]):
        return None
    return float(condition.values[0])


def _solve_sum(codec, rule, given):
    """If all cells of a sum but one are given, that one is known, too."""
    known = {j: _single(given, j) for j in rule.columns}
    open_ = [j for j, value in known.items() if value is None]
    if len(open_) != 1 or open_[0] in given or not rule.numbers.linear:
        return
    target, factors = open_[0], dict(zip(rule.columns, [-1.0, *rule.weights]))
    total = sum(
        factor * float(rule.numbers.values(j, np.array(known[j])))
        for j, factor in factors.items()
        if j != target
    )
    origin, step = rule.numbers.affine(target)
    column = codec.table_columns[target]
    exact = (-total / factors[target] - origin) / step
    z = settled(column, np.array([exact]))
    if column.kind != "float" and abs(z[0] - exact) > rule.rule.tolerance:
        raise contradiction(rule, [given[j] for j in rule.columns if j in given])
    given[target] = Condition(target, column.name, z, places=places_of(column))


def _refuse_outside(codec, rule, given):
    """Raise if a cell of a sum is given, or known, that its column cannot have."""
    for j in rule.columns:
        value = _single(given, j)
        if value is not None and codec.plan.outside(j, value):
            raise ValueError(
                f"Column {codec.table_columns[j].name!r} has no such value within its observed "
                f"range, and {rule.rule!r} is to hold: give a value that the column can have."
            )


def _levels(codec, joint, given, place):
    """A condition on a column of combinations; None if none of its columns has one."""
    asked = [given[j] for j in joint.columns if j in given]
    if not asked:
        return None
    allowed = np.ones(len(joint.levels), dtype=bool)
    for condition in asked:
        allowed &= condition.mask(joint.levels[:, joint.columns.index(condition.index)])
    if not allowed.any():
        rules = [rule for rule in codec.bound if rule.is_joint]
        own = [r for r in rules if {c.index for c in asked} & set(r.columns)]
        raise contradiction(own[0], asked)
    codes = np.flatnonzero(allowed).astype(float)
    return Condition(place, codec.columns[place].name, codes, places=0)


def _derive(derived, condition, given, places, found):
    """A condition on a difference if all that it is taken from is given, else left over."""
    single = [_single(given, j) for j in derived.derivation.references]
    if None in single:
        found.rest.append(condition)
        return
    if not derived.sign:
        return  # computed from what is given; contradictions have been looked for
    row = np.zeros((1, 1 + max([derived.target, *derived.derivation.references])))
    row[0, list(derived.derivation.references)] = single

    def difference(values):
        rows = np.repeat(row, len(values), axis=0)
        rows[:, derived.target] = values
        return derived.encode(rows)

    column, place = derived.difference.column, places[id(derived)]
    if condition.values is not None:
        z = difference(condition.values)
        made = Condition(place, condition.name, z, places=places_of(column))
    else:
        low, high = np.sort(difference(np.array([condition.low, condition.high])))
        made = Condition(place, condition.name, None, low, high, places_of(column))
    found.conditions.append(made)


def given_cells(codec, row):
    """Conditions of a partial row: each given cell is the one value of its column.

    Parameters
    ----------
    codec : ConstrainedCodec
        Fitted codec.
    row : ndarray of shape (d,)
        Cells, NaN where a cell is to be generated.

    Returns
    -------
    list of Condition
    """
    return [
        Condition(column.index, column.name, row[[column.index]], places=places_of(column))
        for column in codec.table_columns
        if not np.isnan(row[column.index])
    ]


def shifted(codec, made, rest, fixed=()):
    """Meet given values of computed columns by rows that are near to them.

    Parameters
    ----------
    codec : ConstrainedCodec
        Fitted codec.
    made : ndarray of shape (n, number of columns)
        Rows of the model, changed in place: those whose value is within 1 % of the ranks of a
        given one get the nearest such value, by a shift of the difference, or of one part of the
        sum.
    rest : list of Condition
        Conditions on columns of the table.
    fixed : set of int, default=()
        Columns of the model that have conditions of their own, and are not changed.
    """
    for condition in rest:
        derived = codec.plan.derived.get(condition.index)
        if derived is None or condition.values is None:
            continue
        Z = codec.rows(made)[0]
        near, values = _nearest(derived, condition.values, Z[:, condition.index])
        if not len(near):
            continue
        for own, place, numbers in _shifts(codec, derived, Z[near], values, fixed):
            there = own & ~np.isnan(numbers)
            made[near[there], place] = numbers[there]


def _shifts(codec, derived, rows, wanted, fixed):
    """Ways to give rows the values wanted: for which rows, which column, and its numbers."""
    gaps = np.isnan(rows[:, list(derived.derivation.references)]).any(axis=1)
    by_difference = gaps if derived.exact else np.ones(len(rows), dtype=bool)
    if derived.sign and by_difference.any():
        place = codec.plan.sources.index(derived)
        if place not in fixed:
            given = rows.copy()
            given[:, derived.target] = wanted
            yield by_difference, place, derived.encode(given)
    if derived.exact:
        found = _shifted_part(codec, derived, rows, wanted, fixed)
        if found is not None:
            yield ~gaps, *found


def _nearest(derived, wanted, z):
    """Rows near to one of the values wanted of a computed column, and that value for each."""
    distance, chosen = np.full(len(z), np.inf), np.full(len(z), np.nan)
    for value in wanted[~np.isnan(wanted)].tolist():
        window = derived.window(value)
        if window is None:
            continue
        own = np.abs(z - value)
        closer = (z >= window[0]) & (z <= window[1]) & (own < distance)
        distance[closer], chosen[closer] = own[closer], value
    near = np.flatnonzero(~np.isnan(chosen))
    return near, chosen[near]


def _shifted_part(codec, derived, rows, wanted, fixed):
    """A part of a sum that the model generates, and its numbers for the given totals."""
    derivation, numbers = derived.derivation, derived.derivation.numbers
    total, wanted = (numbers.values(derived.target, z) for z in (rows[:, derived.target], wanted))
    for j, factor in zip(derivation.references, derivation.coefficients):
        place = codec.plan.place_of.get(j)
        if place is not None and place not in fixed:
            origin, step = numbers.affine(j)
            moved = numbers.values(j, rows[:, j]) + (wanted - total) / factor
            column = codec.table_columns[j]
            exact = (moved - origin) / step
            z = settled(column, exact)
            outside = (column.kind != "float") & (np.abs(z - exact) > 1e-9)
            return place, np.where(outside | codec.plan.outside(j, z, within=True), np.nan, z)
    return None
