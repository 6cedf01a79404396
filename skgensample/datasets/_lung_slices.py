"""Simulated axial slices of the chest, with lung nodules and their masks."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from scipy import ndimage
from sklearn.utils import Bunch, check_random_state, check_scalar

from .._typing import Seed

#: Mean grey values (0 to 255), roughly a CT window from -1200 to 400 HU.
AIR, LUNG, FAT, MUSCLE, BONE = 12.0, 48.0, 158.0, 190.0, 245.0
VESSEL, NODULE = 165.0, 178.0
#: Depth at which lungs begin, as a fraction of the body's radius.
WALL = 0.15
#: Vessels of a lung that run in the slice, and that cross it.
N_ALONG, N_ACROSS = 9, 8
#: Pixels of a block of images simulated at once: bounds the memory.
BLOCK_PIXELS = 400_000
#: Standard deviation of the point spread in pixels.
BLUR = 0.55


def make_lung_slices(
    n_samples: int = 1500,
    *,
    nodule_fraction: float = 0.02,
    size: int = 64,
    diameter: tuple[float, float] = (4.0, 11.0),
    random_state: Seed = None,
) -> Any:
    """Simulate axial chest slices of which few have a lung nodule.

    A slice shows a body with skin, ribs and spine, a mediastinum, two lungs of random shape, and
    vessels in them, some along the slice (lines) and some across it (dots, which look like small
    nodules). A nodule is an irregular blob with a soft edge, anywhere in the lungs. All is
    blurred by the point spread of a scanner and gets correlated noise, of another strength in
    every slice. It is a test object for software, not a model of disease.

    Parameters
    ----------
    n_samples : int, default=1500
        Number of slices.
    nodule_fraction : float, default=0.02
        Fraction of slices with a nodule; their number is rounded.
    size : int, default=64
        Height and width in pixels, at least 32.
    diameter : tuple of two floats, default=(4.0, 11.0)
        Smallest and largest diameter of a nodule, in pixels.
    random_state : int, RandomState instance or None, default=None
        Seed.

    Returns
    -------
    data : Bunch
        ``images``: ndarray of shape (n_samples, size, size) of uint8; ``target``: ndarray of shape
        (n_samples,), 1 where there is a nodule; ``masks`` and ``lungs``: ndarrays of bool with the
        shape of ``images``, the pixels of nodules and of lungs (nodules included).

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> from skgensample.datasets import make_lung_slices
    >>> data = make_lung_slices(100, nodule_fraction=0.1, random_state=0)
    >>> data.images.shape, int(data.target.sum()), int(data.masks.any(axis=(1, 2)).sum())
    ((100, 64, 64), 10, 10)
    """
    check_scalar(n_samples, "n_samples", Integral, min_val=1)
    check_scalar(nodule_fraction, "nodule_fraction", Real, min_val=0, max_val=1)
    if np.isnan(nodule_fraction):
        raise ValueError("nodule_fraction must be between 0 and 1, got nan.")
    check_scalar(size, "size", Integral, min_val=32)
    _check_diameter(diameter, size / 4)
    rng = check_random_state(random_state)
    target = np.zeros(n_samples, dtype=np.int64)
    target[rng.permutation(n_samples)[: round(nodule_fraction * n_samples)]] = 1
    shape = (n_samples, size, size)
    data = Bunch(
        images=np.empty(shape, np.uint8),
        target=target,
        masks=np.zeros(shape, bool),
        lungs=np.empty(shape, bool),
    )
    step = max(1, BLOCK_PIXELS // size**2)
    for start in range(0, n_samples, step):
        block = slice(start, start + step)
        images, lungs, masks = _slices(target[block] == 1, size, diameter, rng)
        data.images[block], data.lungs[block], data.masks[block] = images, lungs, masks
    return data


def _check_diameter(diameter, most):
    """Raise unless it is two numbers in order that leave room in the lungs."""
    pair = np.shape(diameter) == (2,) and all(isinstance(end, Real) for end in diameter)
    if not pair or not 1 <= diameter[0] <= diameter[1] <= most:
        raise ValueError(
            f"diameter must be (low, high) with 1 <= low <= high <= {most:g}, a quarter of size, "
            f"got {diameter!r}."
        )


def _slices(with_nodule, size, diameter, rng):
    """Images, lungs and nodules of one block."""
    n = len(with_nodule)
    axis = (np.arange(size) + 0.5) * 2 / size - 1
    y, x = axis[:, None], axis[None, :]
    grey, body, tilt = _body(n, y, x, rng)
    level = np.full((n, size, size), -1.0)
    vessels = np.zeros((n, size, size))
    for side in (-1, 1):
        inside, centre, axes = _lung(n, y, x, side, tilt, rng)
        inside = np.minimum(inside, 3 * (body - WALL))
        level = np.maximum(level, inside)
        vessels = np.maximum(vessels, _vessels(y, x, side, centre, axes, size, rng) * (inside > 0))
    lungs = level > 0
    density = LUNG + rng.normal(0, 5, (n, 1, 1)) + 5 * _smooth(rng, (n, size, size), size / 16)
    grey = np.where(lungs, density, grey)
    grey += np.where(lungs, (VESSEL - grey) * vessels, 0)
    masks = np.zeros(lungs.shape, bool)
    found = np.flatnonzero(with_nodule)
    if len(found):
        alpha, masks[found] = _nodules(level[found], size, diameter, rng)
        peak = NODULE + rng.normal(0, 14, (len(found), 1, 1))
        peak = peak + 10 * _smooth(rng, alpha.shape, 1.0)
        grey[found] += (peak - grey[found]) * alpha
    grey = ndimage.gaussian_filter(grey, (0, BLUR, BLUR))
    grey += _noise(rng, grey.shape)
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8), lungs, masks


def _radius(rng, angle, strength, orders=(2, 3, 4, 5)):
    """Random radius as a function of the angle, around 1; one function an image."""
    radius = np.ones_like(angle)
    for m in orders:
        a, phase = rng.normal(0, strength / m, (len(angle), 1, 1)), rng.uniform(0, 2 * np.pi)
        radius = radius + a * np.cos(m * angle + phase)
    return radius


def _ellipse_level(y, x, centre, axes, rng, strength):
    """Positive inside a deformed ellipse, 1 at its centre, negative outside."""
    dy, dx = (y - centre[0]) / axes[0], (x - centre[1]) / axes[1]
    return 1 - np.hypot(dy, dx) / _radius(rng, np.arctan2(dy, dx), strength)


def _each(rng, n, mean, std):
    """A number for each image."""
    return rng.normal(mean, std, (n, 1, 1)).clip(mean - 2 * std, mean + 2 * std)


def _body(n, y, x, rng):
    """Grey values of air, skin, muscle, ribs and spine; depth in the body; and its centre."""
    centre = (_each(rng, n, 0, 0.03), _each(rng, n, 0, 0.03))
    axes = (_each(rng, n, 0.72, 0.03), _each(rng, n, 0.92, 0.03))
    level = _ellipse_level(y, x, centre, axes, rng, 0.02)
    grey = np.where(level > 0, FAT, AIR)
    grey = np.where(level > _each(rng, n, 0.06, 0.015), MUSCLE, grey)
    angle = np.arctan2((y - centre[0]) / axes[0], (x - centre[1]) / axes[1])
    ribs = np.cos(_each(rng, n, 9, 1).round() * angle + rng.uniform(0, 6.3, (n, 1, 1))) > 0.55
    grey = np.where(ribs & (abs(level - 0.115) < 0.028), BONE, grey)
    spine = np.hypot((y - centre[0] - 0.47) / 0.13, (x - centre[1]) / 0.13) < 1
    return np.where(spine, BONE - 20, grey), level, centre


def _lung(n, y, x, side, tilt, rng):
    """Level of one lung (positive inside), its centre and its half axes."""
    centre = (tilt[0] + _each(rng, n, -0.02, 0.03), tilt[1] + side * _each(rng, n, 0.43, 0.02))
    axes = (_each(rng, n, 0.47, 0.04), _each(rng, n, 0.28, 0.025))
    level = _ellipse_level(y, x, centre, axes, rng, 0.05)
    heart = (_each(rng, n, 0.12, 0.04), tilt[1] - 0.07)
    within = np.hypot((y - heart[0]) / 0.25, (x - heart[1]) / _each(rng, n, 0.24, 0.03)) - 1
    return np.minimum(level, within), centre, axes


def _vessels(y, x, side, centre, axes, size, rng):
    """Opacity of the vessels of one lung: lines from the hilum, and dots."""
    n = len(centre[0])
    opacity = np.zeros((n, size, size), np.float32)
    hilum = (centre[0] + 0.05, centre[1] - side * 0.8 * axes[1])
    pixel = 2 / size
    for _ in range(N_ALONG):
        angle = rng.uniform(-1.25, 1.25, (n, 1, 1))
        end = (
            centre[0] + axes[0] * np.sin(angle) * rng.uniform(0.6, 1, (n, 1, 1)),
            centre[1] + side * axes[1] * np.cos(angle) * rng.uniform(0.4, 1, (n, 1, 1)),
        )
        first = rng.uniform(0, 0.5, (n, 1, 1))
        start = tuple(h + first * (e - h) for h, e in zip(hilum, end))
        width = pixel * rng.uniform(0.25, 0.75, (n, 1, 1))
        opacity = np.maximum(opacity, _segment(y, x, start, end, width))
    for _ in range(N_ACROSS):
        angle, far = rng.uniform(0, 6.3, (n, 1, 1)), np.sqrt(rng.uniform(0, 0.9, (n, 1, 1)))
        place = (
            centre[0] + axes[0] * far * np.sin(angle),
            centre[1] + axes[1] * far * np.cos(angle),
        )
        width = pixel * rng.uniform(0.4, 1.15, (n, 1, 1))
        stretch = rng.uniform(1, 1.5, (n, 1, 1))
        square = ((y - place[0]) / stretch) ** 2 + ((x - place[1]) * stretch) ** 2
        opacity = np.maximum(opacity, np.exp(-square / (2 * width**2)))
    return opacity


def _segment(y, x, start, end, width):
    """Opacity of a line that gets thinner towards its end."""
    along = (end[0] - start[0], end[1] - start[1])
    length = along[0] ** 2 + along[1] ** 2 + 1e-12
    t = (((y - start[0]) * along[0] + (x - start[1]) * along[1]) / length).clip(0, 1)
    square = (y - start[0] - t * along[0]) ** 2 + (x - start[1] - t * along[1]) ** 2
    width = width * (1.2 - 0.7 * t)
    return (0.9 - 0.4 * t) * np.exp(-square / (2 * width**2))


def _nodules(level, size, diameter, rng):
    """Opacity and mask of one nodule in each image, wholly inside the lungs."""
    n = len(level)
    radius = rng.uniform(*diameter, n) / 2
    depth = np.stack([ndimage.distance_transform_edt(one > 0) for one in level])
    limit = np.minimum(radius * 1.2 + 1, depth.max(axis=(1, 2)))
    keys = rng.uniform(size=level.shape) * (depth >= limit[:, None, None])
    row, column = np.unravel_index(keys.reshape(n, -1).argmax(axis=1), level.shape[1:])
    inner = np.minimum(radius, np.maximum(limit / 1.2 - 0.5, 1.0))[:, None, None]
    pixels = np.arange(size)
    dy = pixels[:, None] - row[:, None, None] + rng.uniform(-0.5, 0.5, (n, 1, 1))
    dx = pixels[None, :] - column[:, None, None] + rng.uniform(-0.5, 0.5, (n, 1, 1))
    stretch = rng.uniform(0.85, 1.18, (n, 1, 1))
    angle = np.arctan2(dy, dx)
    far = np.hypot(dy * stretch, dx / stretch) / _radius(rng, angle, 0.12)
    softness = rng.uniform(0.3, 0.7, (n, 1, 1))
    return 1 / (1 + np.exp((far - inner) / softness)), far < inner


def _smooth(rng, shape, width):
    """Filtered noise of standard deviation 1, independent between images."""
    noise = rng.standard_normal(shape).astype(np.float32)
    noise = ndimage.gaussian_filter(noise, (0, width, width), mode="wrap")
    return noise / max(float(noise.std()), 1e-9)


def _noise(rng, shape):
    """Noise of a scanner: correlated, of another strength in each image."""
    strength = rng.uniform(3, 10, (shape[0], 1, 1))
    return strength * (0.75 * _smooth(rng, shape, 0.6) + 0.4 * rng.standard_normal(shape))
