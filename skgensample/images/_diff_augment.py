"""Differentiable augmentation of real and generated images alike (Zhao et al. 2020)."""

import torch
from torch.nn import functional as F

__all__ = ["diff_augment"]

#: Largest change of brightness, part of the side of a shift and of the square cut out.
BRIGHTNESS, SHIFT, CUT = 0.25, 1 / 8, 1 / 4


def diff_augment(images, random):
    """Change brightness and contrast, shift, and cut out a square of each image.

    Gradients go through, so that a generator can be trained on critics of changed images, and the
    critic cannot learn few real images by heart.

    Parameters
    ----------
    images : tensor of shape (n, channels, h, w)
        Real or generated images.
    random : torch.Generator
        Source of all draws.

    Returns
    -------
    tensor of shape (n, channels, h, w)
    """
    n, _, h, w = images.shape
    draws = torch.empty((6, n), device=images.device).uniform_(-1, 1, generator=random)
    images = images + BRIGHTNESS * draws[0].view(n, 1, 1, 1)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    images = mean + (images - mean) * (1 + 0.5 * draws[1]).view(n, 1, 1, 1)
    rows = _moved(draws[2], h).clamp(0, h + 1)
    columns = _moved(draws[3], w).clamp(0, w + 1)
    padded = F.pad(images, (1, 1, 1, 1)).permute(0, 2, 3, 1)
    places = torch.arange(n, device=images.device)[:, None, None]
    images = padded[places, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    cut = _within(draws[4], h)[:, :, None] & _within(draws[5], w)[:, None, :]
    return images * ~cut[:, None]


def _moved(draws, side):
    """Row numbers of each image after a shift, with one line of padding before the first."""
    most = max(round(SHIFT * side), 1)
    shift = (draws * (most + 0.5)).trunc().long()
    return torch.arange(1, side + 1, device=draws.device)[None, :] + shift[:, None]


def _within(draws, side):
    """Which rows lie in the square cut out."""
    centre = (draws + 1) / 2 * side
    rows = torch.arange(side, device=draws.device)
    return (rows[None, :] - centre[:, None]).abs() < CUT * side / 2
