"""The rules that a user writes: which columns, and what holds between them in every row."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from numbers import Real
from typing import ClassVar

import numpy as np

#: Comparisons of an `Inequality`, and the function of each.
COMPARISONS = {
    "<=": np.less_equal,
    "<": np.less,
    ">=": np.greater_equal,
    ">": np.greater,
}


class Constraint:
    """Base of all rules: immutable, compared by value, printed as written."""

    #: Fields that hold a column or a list of columns.
    column_fields: ClassVar[tuple] = ("columns",)

    def __repr__(self):
        parts = [repr(getattr(self, part.name)) for part in fields(self) if part.kw_only is False]
        parts += [
            f"{part.name}={getattr(self, part.name)!r}"
            for part in fields(self)
            if part.kw_only and getattr(self, part.name) != part.default
        ]
        return f"{type(self).__name__}({', '.join(parts)})"

    def __deepcopy__(self, memo):
        return self  # immutable, so that clones share it

    @property
    def names(self):
        """Columns that the rule speaks of, with a fixed value that may be a column's name."""
        values = [getattr(self, field) for field in self.column_fields]
        return [n for v in values for n in (v if isinstance(v, ColumnList) else [v])]

    def _listed(self, name, least):
        """Replace a field by a list of at least so many different columns."""
        value = getattr(self, name)
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise TypeError(f"{type(self).__name__} takes a list of columns as {name}.")
        value = ColumnList(value)
        if len(value) < least or any(item in value[:i] for i, item in enumerate(value)):
            raise ValueError(
                f"{type(self).__name__} takes {least} or more different columns as {name}."
            )
        object.__setattr__(self, name, value)


def _is_missing(value):
    """Whether a fixed value is NaN, NaT or NA."""
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"


class ColumnList(tuple):
    """Column names, immutable, and printed like the list that a user writes."""

    def __repr__(self):
        return repr(list(self))


@dataclass(frozen=True, repr=False)
class Inequality(Constraint):
    """One column is never above, or never below, another column or a fixed value.

    Parameters
    ----------
    left : object
        A column: its label in a frame, its position in other tables.
    op : {"<=", "<", ">=", ">"}
        The comparison.
    right : object
        Another column, else a number, date or duration. A value that is the name of a column, or
        in an array the position of one, stands for that column: give a bound of an array as a
        float (``5.0``), or as a `Range`.

    Raises
    ------
    ValueError
        If `op` is not one of the four, both sides are the same, or `right` is NaN.

    See Also
    --------
    Range : Both bounds of one column.

    Notes
    -----
    A row in which one of the cells is missing satisfies the rule. Between two columns, the model
    is given the first one and the difference (in the step of both: whole days, cents), so that
    every new row satisfies the rule by construction, chains of such rules included.

    Examples
    --------
    >>> from skgensample.constraints import Inequality
    >>> Inequality("start", "<=", "end")
    Inequality('start', '<=', 'end')
    """

    column_fields = ("left", "right")

    left: object
    op: str
    right: object

    def __post_init__(self):
        if self.op not in COMPARISONS:
            raise ValueError(f"op must be one of {list(COMPARISONS)}, got {self.op!r}.")
        if type(self.left) is type(self.right) and self.left == self.right:
            raise ValueError("Inequality compares a column with itself: give two columns.")
        if _is_missing(self.right):
            raise ValueError(
                "The right side of Inequality is NaN or another missing value, with which nothing "
                "can be compared: give a column or a value."
            )


@dataclass(frozen=True, repr=False)
class Range(Constraint):
    """Values of a column lie between two bounds, which are allowed too.

    Parameters
    ----------
    column : object
        A column: its label in a frame, its position in other tables.
    low, high : number, date, duration or None, default=None
        Bounds; None where there is none.

    Raises
    ------
    ValueError
        If there is no bound, or no value between them.

    Notes
    -----
    Missing cells satisfy the rule. Rows outside are generated anew, not clipped, so that no value
    becomes more frequent at a bound.

    Examples
    --------
    >>> from skgensample.constraints import Range
    >>> Range("age", 18, 100)
    Range('age', 18, 100)
    """

    column_fields = ("column",)

    column: object
    low: object = None
    high: object = None

    def __post_init__(self):
        if self.low is None and self.high is None:
            raise ValueError("Range needs a bound: give low, high or both.")
        if any(end is not None and _is_missing(end) for end in (self.low, self.high)):
            raise ValueError("A bound of Range is NaN: give None where there is no bound.")
        if self.low is not None and self.high is not None:
            try:
                empty = bool(self.low > self.high)
            except TypeError:
                raise TypeError("Both bounds of Range must be of one type.") from None
            if empty:
                raise ValueError("Range has no value: give the lower bound first.")


@dataclass(frozen=True, repr=False)
class LinearSum(Constraint):
    """A column is the sum of others.

    Parameters
    ----------
    total : object
        The column with the sum: its label in a frame, its position in other tables.
    parts : list of columns
        The columns added.
    weights : list of float, default=None
        Factor of each part, 1 by default; -1 subtracts.
    tolerance : float, default=0.0
        Difference that is accepted in given rows, beyond rounding of floats: 0.5 where totals
        were rounded to whole numbers. In seconds for durations.

    Raises
    ------
    ValueError, TypeError
        If columns repeat, or `weights` are not one finite number other than 0 for each part.

    Notes
    -----
    Numbers are compared to 1e-9 of their magnitude (1e-5 for 32-bit floats). A row in which one
    of the cells is missing satisfies the rule. The total is not modelled but computed, in the
    decimal places and dtype of its column. Rows whose total is not in the range of the given ones
    are generated anew.

    Examples
    --------
    >>> from skgensample.constraints import LinearSum
    >>> LinearSum("total", ["price", "tax"])
    LinearSum('total', ['price', 'tax'])
    """

    column_fields = ("total", "parts")

    total: object
    parts: tuple
    weights: tuple | None = field(default=None, kw_only=True)
    tolerance: float = field(default=0.0, kw_only=True)

    def __post_init__(self):
        self._listed("parts", 1)
        if self.total in self.parts:
            raise ValueError("The total of a LinearSum is one of its parts: leave it out there.")
        if not isinstance(self.tolerance, Real) or not 0 <= self.tolerance < np.inf:
            raise ValueError("tolerance must be a number of 0 or more.")
        if self.weights is None:
            return
        weights = ColumnList(self.weights)
        good = [isinstance(w, Real) and w and np.isfinite(w) for w in weights]
        if len(weights) != len(self.parts) or not all(good):
            raise ValueError("weights must be one finite number other than 0 for each part.")
        object.__setattr__(self, "weights", weights)


@dataclass(frozen=True, repr=False)
class FixedCombinations(Constraint):
    """Only combinations of values that occur in the given table occur in new rows.

    Parameters
    ----------
    columns : list of columns
        Two or more columns: labels in a frame, positions in other tables.

    Raises
    ------
    ValueError, TypeError
        If it is no list of different columns.

    Notes
    -----
    The columns become one categorical column of the model, whose levels are the combinations. A
    missing cell counts as a value of its own. The given table satisfies this rule always.

    Examples
    --------
    >>> from skgensample.constraints import FixedCombinations
    >>> FixedCombinations(["city", "country"])
    FixedCombinations(['city', 'country'])
    """

    columns: tuple

    def __post_init__(self):
        self._listed("columns", 2)


@dataclass(frozen=True, repr=False)
class OneHot(Constraint):
    """Of some columns of 0 and 1, exactly one is 1.

    Parameters
    ----------
    columns : list of columns
        Two or more columns: labels in a frame, positions in other tables.

    Raises
    ------
    ValueError, TypeError
        If it is no list of different columns.

    Notes
    -----
    The columns become one categorical column of the model. A row in which one of the cells is
    missing satisfies the rule.

    Examples
    --------
    >>> from skgensample.constraints import OneHot
    >>> OneHot(["red", "green", "blue"])
    OneHot(['red', 'green', 'blue'])
    """

    columns: tuple

    def __post_init__(self):
        self._listed("columns", 2)


@dataclass(frozen=True, repr=False)
class Predicate(Constraint):
    """A function says which rows are allowed.

    Parameters
    ----------
    function : callable
        Gets a copy of rows in the table's own kind (a frame, an array), without the target and
        columns that are set aside, and returns a mask of bools, one for each row. To save a
        sampler it has to be one that can be pickled: defined by ``def`` in a module, not a lambda.
    columns : list of columns, default=None
        Columns that the function is given; None for all.
    name : str, default=None
        Name in messages; None for the function's own.

    Raises
    ------
    TypeError
        If `function` cannot be called, or `columns` is no list.

    Notes
    -----
    Rows that are not allowed are generated anew, so that a rule which few generated rows satisfy
    takes long, and one that fewer than 1 % satisfy ends in an error.

    Examples
    --------
    >>> from skgensample.constraints import Predicate
    >>> Predicate(lambda rows: rows["a"] * rows["b"] < 100, name="small product")
    Predicate('small product')
    """

    function: Callable
    columns: tuple | None = None
    name: str | None = None

    def __post_init__(self):
        if not callable(self.function):
            raise TypeError("Predicate takes a function of rows that returns a mask.")
        if self.columns is not None:
            self._listed("columns", 1)

    @property
    def names(self):
        """Columns that the function is given; none if it is given all."""
        return list(self.columns or ())

    def __repr__(self):
        name = self.name or getattr(self.function, "__name__", type(self.function).__name__)
        return f"Predicate({name!r})"


def checked_rules(constraints):
    """The rules that a user gave, as a list.

    Parameters
    ----------
    constraints : list of Constraint or None
        Value of the parameter of that name.

    Returns
    -------
    list of Constraint
        Without those whose columns are set aside.

    Raises
    ------
    TypeError
        If it is something else.
    """
    if constraints is None:
        return []
    if isinstance(constraints, Constraint) or not isinstance(constraints, list | tuple):
        raise TypeError(
            "constraints must be a list of rules of skgensample.constraints, such as "
            f"[Inequality('start', '<=', 'end')]; got {type(constraints).__name__}."
        )
    for rule in constraints:
        if not isinstance(rule, Constraint):
            raise TypeError(
                "constraints must hold rules of skgensample.constraints, and one item is a "
                f"{type(rule).__name__}."
            )
    return [rule for rule in constraints if not getattr(rule, "sets_aside", False)]
