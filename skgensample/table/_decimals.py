"""Decimal places of a column of floats: money that came in cents goes out in cents."""

import numpy as np

#: Most decimal places that are looked for.
MOST = 6

#: Floats from here on are whole numbers, and their products with powers of ten inexact.
EXACT = 2.0**53

#: Values looked at before all others: most columns of measurements end here.
FIRST_ROWS = 1_024


def decimal_places(x):
    """Decimal places with which every value of a column can be written, or None above 6.

    A value has d places where it is the float nearest to some decimal number of d places.
    Missing values say nothing.
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
    """Nearest floats of so many decimal places; where floats are coarser than that, `x` itself.

    Values between two of that many places stay between them.
    """
    scale = 10.0**places
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = x * scale
        rounded = np.rint(scaled) / scale + 0.0  # a small negative number becomes 0, not -0
        return np.where(np.abs(scaled) < EXACT, rounded, x)
