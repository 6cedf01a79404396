"""Rules that every new row satisfies, and a search for those that a table keeps.

A list of rules is given to any sampler as ``constraints=``. They are checked on the given table,
held by construction where that is possible, and otherwise by generating rows anew.
"""

from ._codec import ConstrainedCodec
from ._conditions import Translated, given_cells, translated
from ._rules import (
    Constraint,
    FixedCombinations,
    Inequality,
    LinearSum,
    OneHot,
    Predicate,
    Range,
)
from ._suggest import SuggestedConstraints, suggest_constraints

# columns without repeated values (`Unique`, in _unique.py) belong here as well
__all__ = [
    "ConstrainedCodec",
    "Constraint",
    "FixedCombinations",
    "Inequality",
    "LinearSum",
    "OneHot",
    "Predicate",
    "Range",
    "SuggestedConstraints",
    "Translated",
    "given_cells",
    "suggest_constraints",
    "translated",
]
