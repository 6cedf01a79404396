"""The exponential function for kernels, which compilers turn into vectors; no call to a library."""

import math

import numpy as np
from numba import types
from numba.extending import overload

from ..compiling import part


def _exp_of(real, whole, shift, bias, degree, limit):
    """The function for one width: ``2 ** n`` times the series of what is left of the argument.

    The series has all terms that count in this width.
    """
    low, high, per = real(-limit), real(limit), real(1 / math.log(2))
    # log(2) in two parts, n times the first of which is exact
    coarse, fine = real(0.693359375), real(-2.121944400546905827679e-4)
    last, *others = (real(1 / math.factorial(k)) for k in range(degree, -1, -1))
    others = tuple(others)

    @part()  # nothing reordered: the two parts of log(2) would become one
    def exp_of_width(x):
        x = low if x < low else (high if x > high else x)  # NaN stays
        n = np.rint(x * per)
        rest = (x - n * coarse) - n * fine
        series = last
        for term in others:
            series = series * rest + term
        return series * whole((whole(n) + whole(bias)) << whole(shift)).view(real)

    return exp_of_width


_exp32 = _exp_of(np.float32, np.int32, 23, 127, 7, 87)
_exp64 = _exp_of(np.float64, np.int64, 52, 1023, 13, 708)


def exp(x):
    """Exponential in the width of `x`, to the last digit or two.

    Beyond 87 in float32, 708 in float64, on either side, it is that of the limit.
    """


@overload(exp)
def _code(x):
    return (lambda x: _exp32(x)) if x == types.float32 else (lambda x: _exp64(x))
