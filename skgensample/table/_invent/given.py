"""What is kept of the given values of a column, so that none of them is invented again."""

import hashlib
from datetime import date
from decimal import Decimal
from numbers import Integral, Real

import numpy as np

#: Hashes are cut to so few bits that one in so many other values has the hash of a given one.
SPARSITY = 64


def key_of(cell):
    """Text by which two values are compared: without case and with single spaces."""
    if isinstance(cell, str):
        return " ".join(cell.split()).casefold()
    if isinstance(cell, Real) and not isinstance(cell, Integral) and float(cell).is_integer():
        return str(int(cell))
    if isinstance(cell, Decimal):
        return format(cell.normalize(), "f")
    if isinstance(cell, date):  # to the second, without a zone
        clock = (getattr(cell, part, 0) for part in ("hour", "minute", "second"))
        return " ".join(map(str, (cell.year, cell.month, cell.day, *clock)))
    return str(cell)


class GivenValues:
    """A set of values, kept as short salted hashes.

    A value of the set is always found. One in 64 other values is found too: whoever tries all
    phone numbers against a fitted model learns of none that it was given.

    Parameters
    ----------
    cells : iterable
        The values.
    """

    def __init__(self, cells):
        keys = sorted({key_of(cell) for cell in cells})
        self.salt = hashlib.blake2b("\n".join(keys).encode(), digest_size=16).digest()
        self.bits = max(8, int(np.ceil(np.log2(SPARSITY * max(len(keys), 1)))))
        self.hashes = np.unique(np.array([self._hash(key) for key in keys], dtype=np.uint64))
        self.n_values = len(keys)

    def _hash(self, key):
        digest = hashlib.blake2b(key.encode(), digest_size=8, key=self.salt).digest()
        return int.from_bytes(digest, "little") & ((1 << self.bits) - 1)

    def finder(self):
        """Return a function that says whether a value may be one of the set."""
        hashes = set(self.hashes.tolist())
        return lambda cell: self._hash(key_of(cell)) in hashes
