"""Rules bound to the columns of a fitted table: which rows of ``Z`` satisfy them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from ..table import column_names, is_frame
from ._numbers import Numbers
from ._rules import COMPARISONS, FixedCombinations, Inequality, LinearSum, OneHot, Predicate, Range

#: Relative error of a sum of floats, by the precision of its columns.
ROUNDING = {True: 1e-5, False: 1e-9}
#: Names of columns in an error, at most.
MOST_NAMES = 20


class Rows:
    """Rows of ``Z``, and the same rows as a table, decoded when a rule asks for it.

    Parameters
    ----------
    codec : TableCodec
        Fitted codec of the table.
    Z : ndarray of shape (n, d)
        Rows, settled.
    table : table, default=None
        The same rows, if they are at hand.
    """

    def __init__(self, codec, Z, table=None):
        self.codec, self.Z = codec, Z
        if table is not None:
            self.table = table

    @cached_property
    def table(self):
        """The rows in the table's own kind."""
        return self.codec.decode(self.Z)


@dataclass(frozen=True)
class Derivation:
    """A column that is computed from others: ``v_t = sum(c_k v_k) + sign * difference``.

    Parameters
    ----------
    target : int
        Position of the column.
    references : tuple of int
        Columns that it is computed from.
    coefficients : tuple of float
        Factor of the value of each.
    sign : int
        Factor of the difference, which the model generates; 0 if there is none.
    numbers : Numbers
        Values of the columns.
    """

    target: int
    references: tuple
    coefficients: tuple
    sign: int
    numbers: Numbers


class BoundRule:
    """A rule and the columns that it speaks of.

    Attributes
    ----------
    rule : Constraint
        As the user wrote it.
    columns : list of int
        Positions of its columns; None for a predicate of all.
    is_joint : bool
        Whether the columns can become one column of combinations.
    """

    is_joint = False

    def __init__(self, rule, columns):
        self.rule, self.columns = rule, columns

    def derivations(self):
        """Ways to hold the rule by construction."""
        return []

    def holds(self, rows):
        """Mask of the rows that satisfy the rule, True where one of its cells is missing.

        Of combinations nothing is checked: they are held by construction.
        """
        return np.ones(len(rows.Z), dtype=bool)

    def possible(self, low, high):
        """Whether some row within bounds can satisfy the rule.

        Parameters
        ----------
        low, high : ndarray of shape (d,)
            Bounds of each column in ``Z``; infinite where there is none.
        """
        return True


class BoundComparison(BoundRule):
    """An `Inequality` or a `Range`."""

    def __init__(self, rule, columns, numbers, comparisons):
        super().__init__(rule, columns)
        self.numbers, self.comparisons = numbers, comparisons
        self.is_joint = not numbers.linear and all(
            line.levels is not None for line in numbers.lines.values()
        )

    def _sides(self, z):
        """Values of both sides for each comparison; `z` maps a column to numbers."""
        left, *right = (self.numbers.values(j, z(j)) for j in self.columns)
        return list(zip(self.comparisons, [left] * 2, right or self.numbers.constants))

    def holds(self, rows):
        found = np.ones(len(rows.Z), dtype=bool)
        for op, left, right in self._sides(lambda j: rows.Z[:, j]):
            found &= COMPARISONS[op](left, right) | np.isnan(left) | np.isnan(right)
        return found

    def possible(self, low, high):
        if self.numbers.codec is not None or not self.numbers.linear:
            return True
        bounds = zip(self._sides(lambda j: low[j : j + 1]), self._sides(lambda j: high[j : j + 1]))
        for (op, left_low, right_low), (_, left_high, right_high) in bounds:
            near = (left_low, right_high) if op[0] == "<" else (left_high, right_low)
            if not np.all(COMPARISONS[op](*near)):
                return False
        return True

    def derivations(self):
        if len(self.columns) == 1 or not self.numbers.linear:
            return []
        left, right = self.columns
        sign = 1 if self.comparisons[0][0] == "<" else -1
        return [
            Derivation(right, (left,), (1.0,), sign, self.numbers),
            Derivation(left, (right,), (1.0,), -sign, self.numbers),
        ]


class BoundSum(BoundRule):
    """A `LinearSum`; the first column is the total."""

    def __init__(self, rule, columns, numbers, weights):
        super().__init__(rule, columns)
        self.numbers, self.weights = numbers, weights
        self.is_joint = not numbers.linear and all(
            line.levels is not None for line in numbers.lines.values()
        )
        short = any(c.dtype is not None and c.dtype.itemsize < 8 for c in numbers.columns.values())
        self.rounding = ROUNDING[short]

    def _parts(self, z):
        values = (self.numbers.values(j, z(j)) for j in self.columns[1:])
        return [w * v for w, v in zip(self.weights, values)]

    def holds(self, rows):
        total = self.numbers.values(self.columns[0], rows.Z[:, self.columns[0]])
        parts = self._parts(lambda j: rows.Z[:, j])
        size = np.abs(total) + sum(np.abs(part) for part in parts)
        off = np.abs(total - sum(parts))
        return ~(off > self._slack(size))

    def _slack(self, size):
        """Difference that counts as none, for a total of that size."""
        rounding = 0.0 if self.numbers.whole else self.rounding
        return self.rule.tolerance / self._unit + rounding * size

    @property
    def _unit(self):
        """The common unit in the unit of `tolerance`: numbers, or seconds of a duration."""
        first = next(iter(self.numbers.lines.values()))
        return 1.0 if first.family == "number" else self.numbers.unit / 1e9

    def possible(self, low, high):
        if not self.numbers.linear:
            return True
        ends = list(zip(self._parts(lambda j: low[j]), self._parts(lambda j: high[j])))
        least, most = (sum(pick(pair) for pair in ends) for pick in (min, max))
        total = [self.numbers.values(self.columns[0], end[self.columns[0]]) for end in (low, high)]
        with np.errstate(invalid="ignore"):
            is_above = total[0] > most + self._slack(abs(most))
            return not (is_above or total[1] < least - self._slack(abs(least)))

    def derivations(self):
        if not self.numbers.linear:
            return []
        total, *parts = self.columns
        found = [Derivation(total, tuple(parts), tuple(self.weights), 0, self.numbers)]
        for i, part in enumerate(parts):
            if abs(self.weights[i]) != 1 or self.rule.tolerance:
                continue
            sign = self.weights[i]
            others = tuple(other for other in parts if other != part)
            factors = tuple(-sign * w for j, w in enumerate(self.weights) if j != i)
            found.append(Derivation(part, (total, *others), (sign, *factors), 0, self.numbers))
        return found


class BoundCombinations(BoundRule):
    """`FixedCombinations`: what occurs is allowed."""

    is_joint = True


class BoundOneHot(BoundRule):
    """`OneHot`."""

    is_joint = True

    def __init__(self, rule, columns, numbers):
        super().__init__(rule, columns)
        self.numbers = numbers

    def holds(self, rows):
        values = np.stack([self.numbers.values(j, rows.Z[:, j]) for j in self.columns])
        flags = ((values == 0) | (values == 1)).all(axis=0)
        return (flags & (values.sum(axis=0) == 1)) | np.isnan(values).any(axis=0)


class BoundPredicate(BoundRule):
    """`Predicate`: a function of rows in the table's own kind."""

    def __init__(self, rule, columns, is_joint, names):
        super().__init__(rule, columns)
        self.is_joint, self.names = is_joint, names

    def holds(self, rows):
        found = self._called(own_copy(rows.table, self.rule.columns, self.names))
        mask, n = np.asarray(found), len(rows.Z)
        if mask.shape == (n, 1):
            mask = mask[:, 0]
        if mask.dtype == object and mask.shape == (n,):  # pandas' nullable bools: a missing one
            # says nothing
            mask = np.array([cell is None or cell != cell or bool(cell) for cell in mask.tolist()])
        if mask.shape != (n,) or mask.dtype != bool:
            what = "None" if found is None else f"{mask.dtype} of shape {mask.shape}"
            raise TypeError(
                f"{self.rule!r}: the function must return a mask of bools, one for each of the "
                f"rows it is given; it returned {what}."
            )
        return mask

    def _called(self, table):
        """What the function returns for a table; errors name the rule, and no cell."""
        try:
            return self.rule.function(table)
        except Exception as error:
            kind = type(error).__name__
            names = [repr(name) for name in column_names(table)] if is_frame(table) else []
            hint = "Correct the function."
            if isinstance(error, LookupError | AttributeError) or kind == "ColumnNotFoundError":
                given = ", ".join(names[:MOST_NAMES]) + (", ..." if names[MOST_NAMES:] else "")
                hint = (
                    f"It is given {f'the columns {given}' if names else 'an array'}: the target, "
                    "and columns that are set aside (personal ones, those of a Unique rule) are "
                    "not among them. For a rule on the target of synthesize, leave target out."
                )
            raise ValueError(f"{self.rule!r}: the function raised {kind}. {hint}") from error


def own_copy(table, names, positions):
    """A copy of a table, or of some of its columns, that a user's function may change.

    Parameters
    ----------
    table : table
        Rows, without the columns that are set aside.
    names : list or None
        Columns to copy: names in a frame, positions in the given table otherwise; None for all.
    positions : list
        Names or positions of the columns of `table`.

    Returns
    -------
    table
        Columns of an array are where they are in the given one: those set aside are NaN or None.
    """
    if is_frame(table):
        table = table if names is None else table[list(names)]
        copied = getattr(table, "copy", None) or getattr(table, "clone", None)
        return table if copied is None else copied()  # tables of pyarrow cannot be changed
    if names is not None:
        return table[:, [positions.index(name) for name in names]].copy()
    if positions == list(range(len(positions))):
        return table.copy()
    rows = table.toarray() if sparse.issparse(table) else table
    dtype, blank = (object, None) if rows.dtype == object else (np.float64, np.nan)
    wide = np.full((len(rows), max(positions) + 1), blank, dtype)
    wide[:, positions] = rows
    return wide


def bind(rule, codec):
    """Bind a rule to a fitted table.

    Parameters
    ----------
    rule : Constraint
        The rule.
    codec : TableCodec
        Fitted codec.

    Returns
    -------
    BoundRule

    Raises
    ------
    ValueError
        If the table has no such column.
    TypeError
        If the rule does not fit the kind of a column.
    """

    def index(name):
        return codec.column(name).index

    if isinstance(rule, Inequality):
        columns, constants = [index(rule.left)], []
        if _is_name(rule.right, codec):
            columns.append(index(rule.right))
        else:
            constants.append(_constant(rule, codec))
        numbers = Numbers(codec, columns, rule, constants)
        return BoundComparison(rule, columns, numbers, [rule.op])
    if isinstance(rule, Range):
        ends = [(">=", rule.low), ("<=", rule.high)]
        ends = [(op, end) for op, end in ends if end is not None]
        columns = [index(rule.column)]
        numbers = Numbers(codec, columns, rule, [end for _, end in ends])
        return BoundComparison(rule, columns, numbers, [op for op, _ in ends])
    if isinstance(rule, LinearSum):
        columns = [index(rule.total), *map(index, rule.parts)]
        weights = [float(w) for w in rule.weights or [1.0] * len(rule.parts)]
        return BoundSum(rule, columns, Numbers(codec, columns, rule, additive=True), weights)
    if isinstance(rule, FixedCombinations):
        return BoundCombinations(rule, [index(name) for name in rule.columns])
    if isinstance(rule, OneHot):
        columns = [index(name) for name in rule.columns]
        return BoundOneHot(rule, columns, Numbers(codec, columns, rule))
    if isinstance(rule, Predicate):
        named = rule.columns is not None
        columns = [index(name) for name in rule.columns] if named else None
        known = codec.table_columns
        joint = named and all(known[j].kind == "categorical" for j in columns)
        return BoundPredicate(rule, columns, joint, [column.name for column in known])
    raise TypeError(f"{rule!r} is a rule of another kind, which this sampler does not know.")


def _is_name(value, codec):
    """Whether a value is the name of a column."""
    value = value.item() if isinstance(value, np.generic) else value
    try:
        return any(type(c.name) is type(value) and c.name == value for c in codec.table_columns)
    except (TypeError, ValueError):
        return False


def _constant(rule, codec):
    """The right side of an inequality that is no column; a text is a name that is not known."""
    if isinstance(rule.right, str):
        codec.column(rule.right)
    return rule.right
