"""Where a lesion may lie: allowed regions by a threshold, and places that it fits into."""

import numpy as np
from scipy import ndimage

__all__ = ["depth_of", "find_region", "otsu_threshold", "place_in", "ring_of", "surroundings"]

#: Part of an image that dark areas away from its edge need to be the inside of a body.
INSIDE = 0.04
BINS = 64
#: Pixels from a lesion to the end of the ring that tells its surroundings; part of the ring that
#: pixels on the allowed side need to be, to stand for it.
RING, ENOUGH = 4, 0.2


def otsu_threshold(image):
    """Grey value that separates dark from bright pixels best (Otsu 1979).

    Parameters
    ----------
    image : ndarray
        Grey values.

    Returns
    -------
    float
    """
    counts, edges = np.histogram(image, bins=BINS)
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    total = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (total / below - (total[-1] - total) / above) ** 2
    return float(edges[1:][np.nan_to_num(between).argmax()])


def find_region(image, side):
    """Allowed region of an image, found by a threshold.

    Parameters
    ----------
    image : ndarray of shape (h, w)
        Grey values.
    side : {"dark", "bright", "all"}
        Which side of the threshold is allowed. Of dark areas those at the edge of the image are
        left out, as the air around a body, if there are others inside.

    Returns
    -------
    ndarray of shape (h, w) of bool
    """
    if side == "all" or image.min() == image.max():
        return np.ones(image.shape, bool)
    region = (image <= otsu_threshold(image)) == (side == "dark")
    if side == "dark":
        # eroded first: a thin wall between lung and air may have a gap
        outside = _at_the_edge(ndimage.binary_erosion(region, border_value=1))
        inside = region & ~ndimage.binary_dilation(outside, iterations=2)
        inside &= ~_at_the_edge(inside)
        region = inside if inside.mean() >= INSIDE else region
    padded = np.pad(region, 2, mode="edge")
    closed = ndimage.binary_closing(padded)[2:-2, 2:-2] | region
    return ndimage.binary_fill_holes(closed)


def _at_the_edge(region):
    """Connected parts of a region that touch the edge of the image."""
    parts, _ = ndimage.label(region)
    edge = np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])
    return np.isin(parts, edge[edge > 0])


def depth_of(region):
    """Distance of each pixel to the nearest one outside the region or the image.

    Parameters
    ----------
    region : ndarray of shape (h, w) of bool
        Allowed pixels.

    Returns
    -------
    ndarray of shape (h, w)
        0 outside the region.
    """
    if region.shape[0] == 1:
        return ndimage.distance_transform_edt(np.pad(region[0], 1))[None, 1:-1]
    return ndimage.distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]


def place_in(depth, radius, rng):
    """A random pixel at least `radius` away from the edge of the region.

    Parameters
    ----------
    depth : ndarray of shape (h, w)
        From `depth_of`.
    radius : float
        Radius of the lesion, in pixels.
    rng : RandomState
        Source of the draw.

    Returns
    -------
    tuple (row, column), or None where there is no such pixel
    """
    places = np.flatnonzero(depth >= radius)
    if not len(places):
        return None
    return np.unravel_index(int(places[rng.randint(len(places))]), depth.shape)


def ring_of(mask, every=None):
    """Pixels around a lesion.

    Parameters
    ----------
    mask : ndarray of shape (h, w) of bool
        The lesion.
    every : ndarray of shape (h, w) of bool, default=None
        All lesions of the image, which the ring leaves out; None for `mask`.

    Returns
    -------
    ndarray of shape (h, w) of bool
        Without the pixels next to a lesion, unless no others are there.
    """
    flat = np.ones((1, 3)) if mask.shape[0] == 1 else None
    every = mask if every is None else every
    wide = ndimage.binary_dilation(mask, flat, iterations=RING)
    ring = wide & ~ndimage.binary_dilation(every, flat)
    return ring if ring.any() else wide & ~every


def surroundings(image, mask, side, every=None):
    """Median of each channel around a lesion, on one side of Otsu's threshold.

    Parameters
    ----------
    image : ndarray of shape (h, w, channels)
        The image.
    mask : ndarray of shape (h, w) of bool
        The lesion.
    side : {"dark", "bright", "all"}
        Side of the threshold, where it holds a fifth of the ring; so that a wall near the lesion
        does not count.
    every : ndarray of shape (h, w) of bool, default=None
        All lesions of the image.

    Returns
    -------
    ndarray of shape (channels,)
    """
    pixels = image[ring_of(mask, every)]
    if not len(pixels):
        return image.mean(axis=(0, 1))
    if side in ("dark", "bright"):
        grey = image.mean(axis=2)
        on_side = (pixels.mean(axis=1) <= otsu_threshold(grey)) == (side == "dark")
        pixels = pixels[on_side] if on_side.mean() >= ENOUGH else pixels
    return np.median(pixels, axis=0)
