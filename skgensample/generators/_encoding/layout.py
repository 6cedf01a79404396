"""Layout of encoded rows: scalars first, then one span of logits for each categorical code."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np


@dataclass(frozen=True)
class Layout:
    """How a network's output is laid out: scalars first, then one span of logits for each code.

    Parameters
    ----------
    n_scalars : int
        Number of scalars, the leading columns.
    widths : tuple of int
        Width of each span, ascending, so that spans of equal width are contiguous.
    bounded : bool
        Whether scalars lie in [-1, 1] (tanh) or anywhere.
    """

    n_scalars: int
    widths: tuple
    bounded: bool

    @property
    def starts(self):
        """First column of each span."""
        return self.n_scalars + np.cumsum((0, *self.widths[:-1]), dtype=np.intp)[: len(self.widths)]

    @property
    def width(self):
        """Columns in all."""
        return self.n_scalars + sum(self.widths)

    @property
    def runs(self):
        """(number of spans, width) of each run of spans of equal width."""
        return [(len(list(run)), width) for width, run in groupby(self.widths)]
