"""Encoder of a table: one block for each column, one for each pattern of missing cells.

A row is stored as float32 scalars (one for each continuous column) and integer codes (one for each
discrete column and each mixture mode). Networks expand the codes to one-hot one batch at a time.
"""

import numpy as np

from .blocks import DISCRETE, MissingPatternBlock, choose_block
from .layout import Layout


class BlockEncoder:
    """One block for each column of ``Z``, one for each pattern of missing cells, and their layout.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Encoded table, NaN where a cell is missing.
    columns : list of Column
        Description of each column.
    continuous : type
        Block of continuous columns: `QuantileBlock` or `ModeSpecificBlock`.
    group : ndarray of shape (n,) of int
        Class index of each row.
    show : callable, default=iter
        Wraps the columns, e.g. in a progress bar.
    """

    def __init__(self, Z, columns, *, continuous, group, show=iter):
        self.names = [c.name for c in columns]
        self.blocks, columns_of = [], {}
        for c in show(columns):
            x = np.ascontiguousarray(Z[:, c.index])
            gap = np.isnan(x)
            self.blocks.append(choose_block(x, gap, c, continuous, group))
            if self.blocks[-1].n_scalars and gap.any():
                columns_of.setdefault(gap.tobytes(), []).append(c.index)
        self.patterns = [MissingPatternBlock(missing) for missing in columns_of.values()]
        units = self.blocks + self.patterns
        spans = np.flatnonzero([unit.width for unit in units])
        order = np.argsort([units[j].width for j in spans], kind="stable")
        self.span_columns = spans[order]
        self.scalar_columns = np.flatnonzero([unit.n_scalars for unit in units])
        self.discrete_spans = [
            s for s, j in enumerate(self.span_columns) if isinstance(units[j], DISCRETE)
        ]
        self.layout = Layout(
            len(self.scalar_columns),
            tuple(units[j].width for j in self.span_columns),
            continuous.bounded,
        )

    def widest(self):
        """Name and encoded width of the widest column."""
        widths = [block.width + block.n_scalars for block in self.blocks]
        j = int(np.argmax(widths))
        return self.names[j], widths[j]

    def encode(self, Z, rng, group=None):
        """Rows as float32 scalars (n, n_scalars) and int32 codes (n, number of spans).

        `group` holds their class indices, for blocks that encode by class. A missing cell is
        imputed by a random observed value of its column, so that it carries no signal of its own.
        """
        scalars = np.empty((len(Z), self.layout.n_scalars), dtype=np.float32)
        codes = np.empty((len(Z), len(self.layout.widths)), dtype=np.int32)
        scalar_at, span_at = self._places()
        for j, block in enumerate(self.blocks):
            x = np.ascontiguousarray(Z[:, j])
            x = _filled(x, rng) if block.n_scalars else x
            scalar, code = block.encode(x, rng, group)
            if scalar is not None:
                scalars[:, scalar_at[j]] = scalar
            if code is not None:
                codes[:, span_at[j]] = code
        for j, block in enumerate(self.patterns, len(self.blocks)):
            codes[:, span_at[j]] = block.encode(Z)
        return scalars, codes

    def forget(self):
        """Drop what only encoding needs; afterwards the encoder can only decode."""
        for block in self.blocks:
            block.forget()

    def decode(self, scalars, codes, group, rng, out):
        """Write rows into `out`; `group` is the class index of all of them."""
        scalar_at, span_at = self._places()
        for j, block in enumerate(self.blocks):
            scalar = scalars[:, scalar_at[j]] if block.n_scalars else None
            code = codes[:, span_at[j]] if block.width else None
            out[:, j] = block.decode(scalar, code, group, rng)
        for j, block in enumerate(self.patterns, len(self.blocks)):
            block.decode(codes[:, span_at[j]], out)
        return out

    def _places(self):
        """Positions of the scalar and of the code of each block, two dicts."""
        return (
            {j: place for place, j in enumerate(columns.tolist())}
            for columns in (self.scalar_columns, self.span_columns)
        )


def _filled(x, rng):
    """Column with missing cells imputed by random observed values (hot deck)."""
    gap = np.isnan(x)
    if not gap.any():
        return x
    there = x[~gap]
    x = x.copy()
    x[gap] = there[rng.randint(len(there), size=int(gap.sum()))]
    return x
