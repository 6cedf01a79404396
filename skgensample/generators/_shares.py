"""Codes in the shares that they have in each class, whatever training fell short of.

A code's logits are shifted by the same amount in all rows of a class, so that its levels come in
their shares. What the network has learnt of their dependence on each other stays: of all
distributions with these shares, the shifted one is nearest to the network's (in the sense of
Kullback and Leibler). The shifts are found by generalised iterative scaling (Darroch, Ratcliff
1972).
"""

import numpy as np
import torch

ROUNDS = 15

#: Rows of a class on which shifts and other margins are fitted while a network is being judged.
ROWS = 4_096


def class_shares(codes, group, layout):
    """Share of each code in each class, of shape (n_classes, width of all spans).

    Each class counts one row more, spread as in the whole table: a level that it lacks is rare in
    its new rows, not impossible.
    """
    width = layout.width - layout.n_scalars
    columns = (codes + (layout.starts - layout.n_scalars)).ravel()
    spans = codes.shape[1]
    n_classes = int(group.max()) + 1
    cells = np.repeat(group, spans) * width + columns
    counts = np.bincount(cells, minlength=n_classes * width).reshape(n_classes, width)
    overall = counts.sum(axis=0) / len(codes)
    return (counts + overall) / (np.bincount(group)[:, None] + 1)


def fitted_shifts(head, logits, shares):
    """Shifts of the spans' logits under which the mean of their probabilities is `shares`.

    Parameters
    ----------
    head : Head
        What the logits mean.
    logits : tensor of shape (n, width)
        A network's output for rows of one class.
    shares : tensor of shape (width of all spans,)
        Shares wanted.

    Returns
    -------
    shifts : tensor of shape (width of all spans,)
    """
    wanted = shares.log()
    shifts = torch.zeros_like(wanted)
    for _ in range(ROUNDS):
        shifts += wanted - head.mean_shares(logits, shifts).log()
    return shifts
