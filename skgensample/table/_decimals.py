"""Decimal places of float columns, so that amounts in cents are generated in cents."""

import numpy as np

#: Largest number of decimal places that is detected.
MOST = 6

#: From 2**53 on all float64 are integers, and scaling by powers of ten is inexact.
EXACT = 2.0**53

#: Values checked first: most columns of measurements already have more than 6 places here.
FIRST_ROWS = 1_024


def decimal_places(x):
    """Smallest number of decimal places that represents all values of a column, None above 6.

    A value has d places if it is the float nearest to a decimal number with d places. Missing
    values are ignored.
    """
    places = 0
    for part in (x[:FIRST_ROWS], x[FIRST_ROWS:]):
        wide = part.astype(np.float64)
        small = np.abs(wide) < EXACT
        wide, part = wide[small], part[small]
        while not np.array_equal(to_places(wide, places).astype(x.dtype), part):
            places += 1
            if places > MOST:
                return None
    return places


def to_places(x, places):
    """Round to a number of decimal places; values whose float spacing is coarser are unchanged.

    Rounding is monotone: it never moves a value across a number of that many places.
    """
    scale = 10.0**places
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = x * scale
        rounded = np.rint(scaled) / scale + 0.0  # a small negative number becomes 0, not -0
        return np.where(np.abs(scaled) < EXACT, rounded, x)
