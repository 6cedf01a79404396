"""Rules that every new row satisfies, and a search for those that a table keeps.

A list of rules is given to any sampler as ``constraints=``. They are checked on the given table,
held by construction where that is possible, and otherwise by generating rows anew.
"""

from ._rules import (
    FixedCombinations,
    Inequality,
    LinearSum,
    OneHot,
    Predicate,
    Range,
)
from ._suggest import suggest_constraints
from ._unique import Unique

__all__ = [
    "FixedCombinations",
    "Inequality",
    "LinearSum",
    "OneHot",
    "Predicate",
    "Range",
    "Unique",
    "suggest_constraints",
]
