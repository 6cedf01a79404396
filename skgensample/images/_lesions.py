"""Lesions: cut out of given images by their masks, or made of deformed ellipses and noise."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ._geometry import affine_matrix, smooth_noise, warped
from ._placement import surroundings

__all__ = ["Lesion", "cut_lesions", "ellipse_lesion", "equivalent_diameter"]

#: Pixels of surroundings kept around a lesion.
MARGIN = 4
#: Components of a mask with fewer pixels are strokes of the pen.
LEAST_PIXELS = 3


@dataclass(frozen=True)
class Lesion:
    """A lesion without its surroundings.

    Parameters
    ----------
    texture : ndarray of shape (h, w, channels)
        Pixels minus the median of the surroundings.
    mask : ndarray of shape (h, w)
        1 inside the lesion, 0 outside; between them at a warped edge.
    parent : int
        Number of the image that it was cut from; -1 for one made by hand.
    """

    texture: np.ndarray
    mask: np.ndarray
    parent: int = -1

    @property
    def diameter(self):
        """Diameter of the circle of the same area, in pixels."""
        return equivalent_diameter(self.mask)

    @property
    def contrast(self):
        """Difference to the surroundings: upper quartile, as masks reach beyond soft edges."""
        return float(np.percentile(self.texture[self.mask > 0.5], 75))

    @property
    def roughness(self):
        """Standard deviation of the fine grain inside the lesion, without its slopes."""
        full = self.mask > 0.5
        core = ndimage.binary_erosion(full)
        width = (0 if self.mask.shape[0] == 1 else 1.0, 1.0, 0)
        grain = self.texture - ndimage.gaussian_filter(self.texture, width)
        return float(grain[core if core.sum() > 4 else full].std())

    @property
    def radius(self):
        """Distance of the farthest pixel from the patch's centre."""
        centre = (np.array(self.mask.shape) - 1) / 2
        places = np.argwhere(self.mask > 0.5) - centre
        return float(np.hypot(*places.T).max()) if len(places) else 0.5

    def changed(self, scale, angle, flip):
        """The lesion enlarged, turned and mirrored."""
        matrix = affine_matrix(angle, scale, flip)
        corner = np.abs(matrix) @ np.array(self.mask.shape)
        shape = tuple(np.maximum(np.ceil(corner).astype(int) | 1, 3))
        if self.mask.shape[0] == 1:  # a profile of one line stays one
            matrix, shape = np.diag([1.0, scale * (-1.0 if flip else 1.0)]), (1, shape[1])
        texture = warped(self.texture, matrix, out_shape=shape)
        mask = warped(self.mask, matrix, out_shape=shape, mode="constant")
        if not (mask > 0.5).any():
            mask[np.unravel_index(mask.argmax(), mask.shape)] = 1.0
        return Lesion(texture, mask, self.parent)


def equivalent_diameter(mask):
    """Diameter in pixels of the circle with the area of a mask."""
    return 2 * float(np.sqrt(np.count_nonzero(mask > 0.5) / np.pi))


def cut_lesions(image, mask, parent, side="all"):
    """Lesions of one image, one for each connected part of its mask.

    Parameters
    ----------
    image : ndarray of shape (h, w, channels)
        Image between 0 and 1.
    mask : ndarray of shape (h, w) of bool
        Where its lesions are.
    parent : int
        Number of the image.
    side : {"dark", "bright", "all"}, default="all"
        Side of the threshold on which the surroundings are looked at.

    Returns
    -------
    list of Lesion
        Largest first.
    """
    parts, n = ndimage.label(mask, np.ones((3, 3)))
    sizes = ndimage.sum_labels(mask, parts, np.arange(1, n + 1))
    order = [part for part in np.argsort(-sizes) if sizes[part] >= min(LEAST_PIXELS, sizes.max())]
    return [_cut(image, mask, parts == part + 1, parent, side) for part in order]


def _cut(image, every, mask, parent, side):
    """One lesion with pixels around it, less their median; `every` masks all lesions."""
    around = surroundings(image, mask, side, every)
    rows, columns = np.nonzero(mask)
    spans = [(r.min() - MARGIN, r.max() + 1 + MARGIN) for r in (rows, columns)]
    if image.shape[0] == 1:
        spans[0] = (0, 1)
    limits = [(max(a, 0), min(b, size)) for (a, b), size in zip(spans, mask.shape)]
    window = tuple(slice(*limit) for limit in limits)
    pad = [(lim[0] - a, b - lim[1]) for (a, b), lim in zip(spans, limits)]
    texture = np.pad(image[window] - around, [*pad, (0, 0)], mode="edge")
    return Lesion(texture, np.pad(mask[window].astype(float), pad), parent)


def ellipse_lesion(diameter, contrast, roughness, channels, rng, *, line=False):
    """A lesion made by hand: a deformed ellipse filled with filtered noise.

    Parameters
    ----------
    diameter : float
        Diameter of the circle of the same area, in pixels.
    contrast : float
        Mean difference to the surroundings.
    roughness : float
        Standard deviation of the noise.
    channels : int
        Channels of the image; all get the same lesion.
    rng : RandomState
        Source of all draws.
    line : bool, default=False
        Whether the image is a profile of one line.

    Returns
    -------
    Lesion
    """
    radius = max(diameter / 2, 0.5)
    half = int(np.ceil(radius * 1.6)) + MARGIN
    shape = (1 if line else 2 * half + 1, 2 * half + 1)
    y, x = (np.arange(n)[:, None] - (n - 1) / 2 for n in shape)
    bend = [0.05 * diameter * smooth_noise(rng, shape, max(diameter / 3, 1)) for _ in range(2)]
    dy, dx = y + bend[0], x.T + bend[1]
    ratio, angle = np.exp(rng.uniform(-0.25, 0.25)), rng.uniform(0, np.pi)
    turned = (np.cos(angle) * dy - np.sin(angle) * dx, np.sin(angle) * dy + np.cos(angle) * dx)
    if line:
        turned, ratio = (0 * dx, dx), 1.0
    far = np.hypot(turned[0] * ratio, turned[1] / ratio)
    # a smooth displacement changes the area, so the wanted one is set by its quantile
    wanted = diameter if line else np.pi * radius**2
    level = np.sort(far, axis=None)[min(max(round(wanted), 1), far.size) - 1]
    noise = roughness * smooth_noise(rng, shape, rng.uniform(0.6, 1.2))
    texture = np.repeat((contrast + noise)[:, :, None], channels, axis=2)
    return Lesion(texture, (far <= level).astype(float))
