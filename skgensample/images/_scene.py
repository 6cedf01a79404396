"""What new images are composed of: backgrounds, regions and lesions, and one new image."""

import warnings
from dataclasses import dataclass
from numbers import Real

import numpy as np

from ..exceptions import ResamplingWarning
from ._blending import set_into
from ._lesions import cut_lesions, ellipse_lesion
from ._pixels import PixelScale, RowScale
from ._placement import ENOUGH, depth_of, find_region, otsu_threshold, place_in, ring_of

__all__ = ["Scene", "as_masks", "check_range", "given_lesions"]

#: Contrast, roughness (of the pixels' range) and diameter (of the image's smaller side) of
#: lesions made by hand, where nothing is said and none is given.
CONTRAST, ROUGHNESS, DIAMETER = (0.25, 0.55), (0.02, 0.08), (0.08, 0.18)
#: Softness of the edge of a lesion made by hand, in multiples of `feather`.
SOFTNESS = (0.9, 2.2)
#: Backgrounds tried for a lesion before it is shrunk.
TRIES = 10
#: Pixels between a lesion and the edge of the allowed region.
CLEARANCE = 0.5


@dataclass(frozen=True)
class Scene:
    """What new images are composed of.

    Parameters
    ----------
    Z : ndarray of shape (n, h * w * channels)
        Given images.
    scale : PixelScale or RowScale
        Their scale.
    backgrounds : ndarray of int
        Numbers of the images that get lesions.
    background : label
        Their class.
    region : ndarray of shape (n, h, w) or None
        Allowed pixels of each image; None finds them.
    allowed : str
        Side of the threshold on which lesions may lie, without `region`.
    lesions : dict of label to list of Lesion
        Given lesions of each class.
    side : str
        Side of the threshold on which the surroundings of lesions are.
    has_masks : bool
        Whether masks were given.
    """

    Z: np.ndarray
    scale: PixelScale | RowScale
    backgrounds: np.ndarray
    background: object
    region: np.ndarray | None
    allowed: str
    lesions: dict
    side: str
    has_masks: bool

    def composed(self, options, given, rng):
        """One new image, its mask, its changed pixels, its parents; whether the lesion shrank."""
        lesion = _drawn_lesion(options, given, self.scale.shape, rng)
        radius = lesion.radius + CLEARANCE
        for _ in range(TRIES):
            number = self.backgrounds[rng.randint(len(self.backgrounds))]
            image = self.scale.unit(self.Z[number : number + 1])[0]
            allowed = self.region[number] if self.region is not None else None
            if allowed is None:
                allowed = find_region(image.mean(axis=2), self.allowed)
            depth = depth_of(allowed)
            place = place_in(depth, radius, rng)
            if place is not None:
                break
        shrunk = place is None
        if shrunk:
            factor = max(depth.max() - CLEARANCE, 0.5) / lesion.radius
            lesion = lesion.changed(min(factor, 1.0), 0.0, False)
            place = place_in(depth, depth.max(), rng)
        # a given lesion has its own soft edge, one made by hand gets its edge here
        feather = options.feather * (1 if lesion.parent >= 0 else rng.uniform(*SOFTNESS))
        settings = {"feather": feather, "blend": options.blend, "side": self.side}
        composed, mask = set_into(image, lesion, place, **settings)
        changed = (composed != image).any(axis=2)
        return composed, mask, changed, (lesion.parent, number), shrunk

    def restore(self, rows, changed, numbers):
        """Put back pixels of backgrounds on which no lesion lies: float32 has rounded them.

        Parameters
        ----------
        rows : ndarray of shape (n, h * w * channels)
            New images, changed in place.
        changed : ndarray of shape (n, h, w) of bool
            Pixels that a lesion has changed.
        numbers : ndarray of shape (n,)
            Their backgrounds.
        """
        if isinstance(self.scale, PixelScale):  # rows of a table stay in the range of their class
            same = np.repeat(~changed[..., None], self.scale.shape[2], axis=3)
            same = same.reshape(rows.shape)
            rows[same] = self.Z[numbers][same]


def _drawn_lesion(options, given, shape, rng):
    """A lesion, given or made by hand, enlarged and turned."""
    model = given[rng.randint(len(given))] if given else None
    made = options.lesions == "made" or not given
    if options.lesions == "both" and given:
        made = rng.uniform() < 0.5
    wanted, most = None, max(shape[:2])  # no larger lesion fits
    if options.diameter is not None:
        wanted = min(rng.uniform(*options.diameter), most)
    if made:
        return _made_lesion(options, model, wanted, shape, rng)
    scale = min((1 + options.scaling) ** rng.uniform(-1, 1), most / model.diameter)
    if wanted is not None:
        scale = wanted / model.diameter
    angle = rng.uniform(0, 2 * np.pi) if options.rotate else 0.0
    return model.changed(scale, angle, options.flip and rng.uniform() < 0.5)


def _made_lesion(options, model, diameter, shape, rng):
    """A lesion made by hand, after the size and contrast of a given one where there is one."""
    if diameter is None and model is not None:
        wanted = model.diameter * (1 + options.scaling) ** rng.uniform(-1, 1)
        diameter = min(wanted, max(shape[:2]))
    elif diameter is None:
        side = shape[1] if shape[0] == 1 else min(shape[:2])
        diameter = rng.uniform(*DIAMETER) * side
    contrast = rng.uniform(*(CONTRAST if options.contrast is None else options.contrast))
    if options.contrast is None and model is not None:
        contrast = model.contrast
    roughness = rng.uniform(*ROUGHNESS) if model is None else model.roughness
    line = shape[0] == 1
    return ellipse_lesion(diameter, contrast, roughness, shape[2], rng, line=line)


def given_lesions(Z, y, masks, scale):
    """Lesions of each class, and the side of the threshold that surrounds most of them."""
    marked = np.flatnonzero(masks.any(axis=(1, 2)))
    side = _side_around(Z, masks, marked, scale) if len(marked) else "dark"
    found = {}
    for i in marked:
        image = scale.unit(Z[i : i + 1])[0]
        found.setdefault(y[i], []).extend(cut_lesions(image, masks[i], i, side))
    return found, side


def _side_around(Z, masks, marked, scale):
    """Side of the threshold on which the surroundings of given lesions are.

    In small images the ring around a lesion in a narrow region reaches across the region's edge.
    So less than half of it on the dark side will do, if that is more than dark regions take up of
    these images.
    """
    dark, everywhere = [], []
    for i in marked:
        grey = scale.unit(Z[i : i + 1])[0].mean(axis=2)
        ring = ring_of(masks[i])
        dark.append((grey[ring] <= otsu_threshold(grey)).mean() if ring.any() else 1.0)
        everywhere.append(find_region(grey, "dark").mean())
    if np.mean(np.array(dark) >= 0.5) >= 0.5:
        return "dark"
    part = np.mean(dark)
    side = "dark" if part >= ENOUGH and part > np.mean(everywhere) else "bright"
    if part >= ENOUGH:
        warnings.warn(
            f"{part:.0%} of the surroundings of given lesions are on the dark side of the "
            f"threshold, the rest on the bright side: new ones are put on the {side} side. Look at "
            "the new images, and give region= where that is wrong.",
            ResamplingWarning,
            stacklevel=2,
        )
    return side


def as_masks(masks, name, n, shape):
    """Masks of all images as an array of bool of shape (n, h, w)."""
    try:
        masks = np.asarray(masks)
    except ValueError:
        raise ValueError(
            f"{name} must be one array of shape {(n, *shape[:2])}: an image without any needs "
            "zeros of its own size."
        ) from None
    if masks.ndim == 4 and masks.shape[3] == 1:
        masks = masks[..., 0]
    if masks.ndim == 2 and masks.shape[1] == shape[0] * shape[1]:
        masks = masks.reshape(-1, *shape[:2])
    if masks.shape != (n, *shape[:2]):
        raise ValueError(
            f"{name} has shape {masks.shape}, and {n} images of {shape[0]} x {shape[1]} pixels "
            f"were given: it needs shape {(n, *shape[:2])}. In a cross-validation pass it to fit "
            "with metadata routing, so that it is split with the images."
        )
    if masks.dtype.kind not in "biuf" or (masks.dtype.kind == "f" and np.isnan(masks).any()):
        raise ValueError(
            f"{name} must hold 0 and 1 only; it has dtype {masks.dtype}, or missing cells."
        )
    return masks != 0


def check_range(name, value, positive=False):
    """Raise unless a parameter is None or two numbers in order."""
    if value is None:
        return
    numbers = len(value) == 2 and all(isinstance(end, Real) and np.isfinite(end) for end in value)
    if not numbers or not value[0] <= value[1] or (positive and value[0] <= 0):
        raise ValueError(f"{name} must be (low, high), finite and with low <= high, got {value!r}.")
