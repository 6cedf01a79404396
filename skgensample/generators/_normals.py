"""Standard normal numbers for networks, drawn in vectors: a fifth of the time that torch takes.

Numbers come in pairs by the transformation of Box and Muller [1]_ from bits of xoshiro128++ [2]_,
of which many run side by side, each from 128 bits of torch's own generator. The largest possible
number is 6.5 deviations.

References
----------
.. [1] G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates", Annals of
   Mathematical Statistics 29(2), 1958.
.. [2] D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", ACM Transactions
   on Mathematical Software 47(4), 2021.
"""

import math
from functools import cache

import numpy as np
import torch
from numba import types

from ..compiling import compiled, part

#: Generators side by side, and the numbers that they draw at a time.
LANES = 128
PAIRS = 2 * LANES

_real, _whole, _bits = np.float32, np.int32, np.uint32
_ONE, _TWO = _real(1), _real(2)
_LOG_2, _HALF_BITS, _FRACTION = _real(math.log(2)), _real(2**-31), _real(2**-32)
#: Bits of sqrt(1/2), and places of the exponent among the bits of a number.
_ROOT, _SHIFT = _whole(0x3F3504F3), _whole(23)


def _series(of, powers):
    """Function of x that is the sum of ``of(k) * x ** j`` for the powers k, the last of j = 0."""
    last, *others = (_real(of(k)) for k in powers)
    others = tuple(others)

    @part(fused=True)
    def series(x):
        total = last
        for term in others:
            total = total * x + term
        return total

    return series


def _turning(k):
    """Term of the sine and cosine of quarter turns."""
    return (-1) ** (k // 2) * (math.pi / 2) ** k / math.factorial(k)


# all terms that count in float32: log((1 + s) / (1 - s)) / s in s ** 2 for |s| < .172; sine over t,
# and cosine, of t quarter turns in t ** 2 for |t| <= 1/2
_slope = _series(lambda k: 2 / k, (9, 7, 5, 3, 1))
_sine, _cosine = _series(_turning, (9, 7, 5, 3, 1)), _series(_turning, (10, 8, 6, 4, 2, 0))


def standard_normals(shape, random, kind):
    """Draw standard normal numbers.

    Parameters
    ----------
    shape : tuple of int
        Shape of the result.
    random : torch.Generator
        Source of the draws; says on which device.
    kind : torch.dtype
        Width of the numbers.

    Returns
    -------
    tensor
        The numbers.
    """
    if kind != torch.float32 or random.device.type != "cpu":
        out = torch.empty(shape, device=random.device, dtype=kind)
        return out.normal_(generator=random)
    words = torch.empty((4, LANES), dtype=torch.int32, device=random.device)
    words.random_(-(2**31), None, generator=random)
    n = math.prod(shape)
    out = torch.empty(-(-n // PAIRS) * PAIRS, dtype=kind, device=random.device)
    code = compiled(draw_normals, normals_types())
    code(words.numpy().view(_bits), out.numpy())
    return out[:n].view(shape)


@cache
def normals_types():
    """Signature of `draw_normals`."""
    return types.void(types.uint32[:, ::1], types.float32[::1])


def draw_normals(words, out):
    """Fill `out`, of a multiple of PAIRS numbers; `words`, states of the generators, go on."""
    a, b, c, d = words[0], words[1], words[2], words[3]
    for start in range(0, len(out), PAIRS):
        _draw_pairs(a, b, c, d, out[start : start + PAIRS])


@part(fused=True)
def _draw_pairs(a, b, c, d, out):
    """Two numbers of each generator, LANES apart."""
    for i in range(LANES):
        far, turn = _next(a, b, c, d, i), _next(a, b, c, d, i)
        share = (_real(_whole(far >> _bits(1))) + _ONE) * _HALF_BITS  # in (0, 1]
        radius = np.sqrt(-_TWO * _log(share))
        # two bits of the turn say which quarter it is, the others where in it
        radius = radius if turn >> _bits(31) else -radius
        x = _real(_whole(_bits(turn << _bits(2)))) * _FRACTION
        square = x * x
        sine, cosine = x * _sine(square), _cosine(square)
        swapped = turn >> _bits(30) & _bits(1)
        out[i] = radius * (sine if swapped else cosine)
        out[LANES + i] = radius * (cosine if swapped else sine)


@part(fused=True)
def _next(a, b, c, d, i):
    """The next 32 bits of a generator."""
    total = _bits(a[i] + d[i])
    drawn = _bits((total << _bits(7) | total >> _bits(25)) + a[i])
    kept = _bits(b[i] << _bits(9))
    c[i] ^= a[i]
    d[i] ^= b[i]
    b[i] ^= c[i]
    a[i] ^= d[i]
    c[i] ^= kept
    d[i] = _bits(d[i] << _bits(11) | d[i] >> _bits(21))
    return drawn


@part(fused=True)
def _log(x):
    """Logarithm of a number in (0, 1], to the last digit or two."""
    bits = _real(x).view(_whole)
    power = _whole(_whole(bits - _ROOT) >> _SHIFT)
    beyond = _whole(bits - _whole(power << _SHIFT)).view(_real) - _ONE
    s = beyond / (_TWO + beyond)
    return _real(power) * _LOG_2 + s * _slope(s * s)
