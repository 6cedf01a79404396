"""Training-by-sampling (Xu et al. 2019): conditions of the rows shown and of those drawn.

A condition is a pair of indices: the label, and a level of one discrete column.
"""

from dataclasses import dataclass

import numpy as np
import torch

from ._adversarial import Batch


@dataclass(frozen=True)
class Cells:
    """Every (label, column, level) that occurs, as parallel arrays ordered by column and label.

    Parameters
    ----------
    label : ndarray of int
        Class index.
    span : ndarray of int
        Span of the discrete column in the layout.
    level : ndarray of int
        Condition index of the level; those of the labels come first.
    column : ndarray of int
        Output column of the level.
    count : ndarray of int
        Rows of that label with that level.
    n_conditions : int
        Number of condition indices, labels included.
    """

    label: np.ndarray
    span: np.ndarray
    level: np.ndarray
    column: np.ndarray
    count: np.ndarray
    n_conditions: int

    @classmethod
    def fit(cls, codes, group, layout, spans):
        """Count the cells of the columns at `spans`; returns them and the rows in their order.

        Without a discrete column there is one cell for each label.
        """
        offset, parts, orders = int(group.max()) + 1, [], []
        for span in spans or [-1]:
            width = layout.widths[span] if spans else 1
            key = group * width + (codes[:, span] if spans else 0)
            cells, count = np.unique(key, return_counts=True)
            label, level = np.divmod(cells, width)
            first = layout.starts[span] if spans else 0
            parts.append((label, np.full(len(cells), span), offset + level, first + level, count))
            orders.append(np.argsort(key, kind="stable").astype(np.int32))
            offset += width
        return cls(*map(np.concatenate, zip(*parts)), offset), np.concatenate(orders)

    def training_shares(self):
        """Share of each cell in a training batch: label and level by log frequency.

        Frequencies enter as log(1 + count), so that a class or level of a single row takes part.
        """
        pair = (self.span + 1) * (self.label.max() + 1) + self.label
        class_logs = np.log1p(np.bincount(pair, weights=self.count))
        level_logs = np.log1p(self.count)
        shares = class_logs[pair] * level_logs / np.bincount(pair, weights=level_logs)[pair]
        return shares / shares.sum()

    def draw(self, label, n, rng):
        """Conditions of `n` new rows of one label, levels with their true frequencies within it."""
        own = np.flatnonzero(self.label == label)
        picked = own[_inverse(np.cumsum(self.count[own]), rng.uniform(size=n))]
        return np.column_stack([self.label[picked], self.level[picked]])


class RowDraw:
    """Draw batches for training: a cell, then one of its rows.

    Parameters
    ----------
    cells : Cells
        Conditions and their counts.
    rows : ndarray of int
        Row numbers in the cells' order.
    scalars, codes : ndarray
        The encoded rows.
    batch_size : int
        Rows of a batch.
    device : torch.device
        Where batches are wanted.
    """

    def __init__(self, cells, rows, scalars, codes, *, batch_size, device):
        self.batch_size = batch_size
        self.has_levels = bool((cells.span >= 0).all())
        end = np.cumsum(cells.count)
        arrays = {
            "cumulated": np.cumsum(cells.training_shares()),
            "start": end - cells.count,
            "count": cells.count,
            "condition": np.column_stack([cells.label, cells.level]),
            "span": cells.span,
            "column": cells.column,
            "rows": rows,
            "scalars": scalars,
            "codes": codes,
        }
        for name, array in arrays.items():
            setattr(self, name, torch.as_tensor(array, device=device))

    def __call__(self, random):
        """Draw one batch."""
        draws = torch.empty((2, self.batch_size), dtype=torch.float64, device=random.device)
        draws.uniform_(generator=random)
        cell = torch.searchsorted(self.cumulated, draws[0] * self.cumulated[-1], right=True)
        cell = cell.clamp_max_(len(self.cumulated) - 1)
        count = self.count[cell]
        row = self.rows[self.start[cell] + (draws[1] * count).long().minimum(count - 1)]
        span, column = (self.span[cell], self.column[cell]) if self.has_levels else (None, None)
        return Batch(self.scalars[row], self.codes[row].long(), self.condition[cell], span, column)


def _inverse(cumulated, draws):
    """Index whose share of the cumulated weights each uniform draw falls into."""
    return np.searchsorted(cumulated, draws * cumulated[-1], side="right").clip(
        max=len(cumulated) - 1
    )
