"""Batches of encoded rows for training: drawn uniformly, or by training-by-sampling."""

from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True)
class Batch:
    """Encoded real rows and the condition under which each was drawn.

    Parameters
    ----------
    scalars, codes : tensor
        The rows.
    condition : tensor of shape (n, k) or None
        Condition indices.
    span, column : tensor of shape (n,) or None
        Span of the conditioned column, and the output column of the requested level.
    """

    scalars: torch.Tensor
    codes: torch.Tensor
    condition: torch.Tensor | None = None
    span: torch.Tensor | None = None
    column: torch.Tensor | None = None

    def __len__(self):
        return len(self.scalars)


class UniformSampling:
    """Batches of rows drawn with replacement.

    Parameters
    ----------
    scalars, codes : ndarray
        The encoded rows.
    batch_size : int
        Rows of a batch.
    device : torch.device
        Device of the batches.
    """

    def __init__(self, scalars, codes, batch_size, device):
        self.scalars = torch.as_tensor(scalars, device=device)
        self.codes = torch.as_tensor(codes, device=device)
        self.batch_size = batch_size

    def __call__(self, random):
        """Draw one batch."""
        rows = torch.randint(
            len(self.scalars), (self.batch_size,), generator=random, device=random.device
        )
        return Batch(self.scalars[rows], self.codes[rows])


class TrainingBySampling:
    """Batches by training-by-sampling (Xu et al. 2019): a condition, then one of its rows.

    Parameters
    ----------
    table : ConditionTable
        Conditions and their counts.
    rows : ndarray of int
        Row numbers, ordered by condition.
    scalars, codes : ndarray
        The encoded rows.
    batch_size : int
        Rows of a batch.
    device : torch.device
        Device of the batches.
    """

    def __init__(self, table, rows, scalars, codes, *, batch_size, device):
        self.batch_size = batch_size
        self.has_levels = bool((table.span >= 0).all())
        end = np.cumsum(table.count)
        arrays = {
            "cumulated": np.cumsum(table.sampling_probabilities()),
            "start": end - table.count,
            "count": table.count,
            "condition": np.column_stack([table.label, table.level]),
            "span": table.span,
            "column": table.column,
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
        at = torch.searchsorted(self.cumulated, draws[0] * self.cumulated[-1], right=True)
        at = at.clamp_max_(len(self.cumulated) - 1)
        count = self.count[at]
        row = self.rows[self.start[at] + (draws[1] * count).long().minimum(count - 1)]
        span, column = (self.span[at], self.column[at]) if self.has_levels else (None, None)
        return Batch(self.scalars[row], self.codes[row].long(), self.condition[at], span, column)

    def class_counts(self, n_conditions):
        """Rows of each condition index as a label, ndarray of shape (n_conditions,)."""
        return np.bincount(self.condition[:, 0].cpu(), self.count.cpu(), n_conditions)
