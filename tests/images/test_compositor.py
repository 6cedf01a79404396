"""Lesions set into images: where they lie, what they look like, where they come from."""

import numpy as np
import pytest
import sklearn
from imblearn.pipeline import make_pipeline
from scipy import ndimage
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import cross_validate
from sklearn.preprocessing import FunctionTransformer

from skgensample.datasets import make_lung_slices
from skgensample.exceptions import ResamplingWarning
from skgensample.images import LesionCompositor
from skgensample.images._blending import set_into
from skgensample.images._lesions import Lesion, cut_lesions, ellipse_lesion
from skgensample.images._placement import depth_of, find_region, otsu_threshold

quiet = pytest.mark.filterwarnings("ignore::skgensample.exceptions.ResamplingWarning")


def disc(size, place, radius):
    """Mask of a disc."""
    rows, columns = np.indices((size, size))
    return np.hypot(rows - place[0], columns - place[1]) <= radius


def flattened(X):
    return np.asarray(X, dtype=float).reshape(len(X), -1)


@pytest.fixture(scope="module")
def slices():
    return make_lung_slices(200, nodule_fraction=0.1, random_state=0)


def composed(slices, **params):
    sampler = LesionCompositor(random_state=0, **params)
    X, _ = sampler.fit_resample(slices.images, slices.target, masks=slices.masks)
    return sampler, X[len(slices.images) :]


@quiet
@pytest.mark.parametrize("lesions", ["given", "made", "both"])
def test_lesions_lie_in_lungs_and_nothing_else_changes(slices, lesions):
    sampler, made = composed(slices, lesions=lesions)
    parents = sampler.synthetic_parents_
    assert made.shape == sampler.synthetic_masks_.shape == (160, 64, 64)
    assert (slices.target[parents[:, 1]] == 0).all()
    drawn = parents[:, 0] >= 0
    assert (slices.target[parents[drawn, 0]] == 1).all()
    assert drawn.all() if lesions == "given" else not drawn.all()
    for image, mask, background in zip(made, sampler.synthetic_masks_, parents[:, 1]):
        lungs = ndimage.binary_closing(np.pad(slices.lungs[background], 2))[2:-2, 2:-2]
        assert mask.any() and (mask & ~ndimage.binary_dilation(lungs)).sum() == 0
        far = ~ndimage.binary_dilation(mask, iterations=6)
        assert (image[far] == slices.images[background][far]).all()


@quiet
@pytest.mark.parametrize("lesions", ["given", "made"])
@pytest.mark.parametrize("blend", ["alpha", "poisson"])
def test_lesions_are_brighter_than_their_surroundings_with_a_soft_edge(slices, lesions, blend):
    sampler, made = composed(slices, lesions=lesions, blend=blend)
    steps, rises = [], []
    for image, mask in zip(made.astype(float), sampler.synthetic_masks_):
        ring = ndimage.binary_dilation(mask, iterations=4) & ~ndimage.binary_dilation(mask)
        rises.append(np.median(image[mask]) - np.percentile(image[ring], 30))
        rim = ndimage.binary_dilation(mask) & ~mask
        steps.append(np.median(image[rim]) - np.percentile(image[ring], 30))
    assert np.median(rises) > 40
    # the pixels next to a lesion lie between the lesion and what is around it
    assert 0.1 * np.median(rises) < np.median(steps) < 0.9 * np.median(rises)


@quiet
def test_diameter_is_kept(slices):
    for lesions in ("given", "made"):
        sampler, _ = composed(slices, lesions=lesions, diameter=(3.0, 4.0))
        found = 2 * np.sqrt(sampler.synthetic_masks_.sum(axis=(1, 2)) / np.pi)
        assert 2.4 < np.percentile(found, 5) and np.percentile(found, 95) < 4.7


def test_given_region_is_kept(slices):
    region = np.zeros(slices.images.shape, bool)
    region[:, 10:30, 5:60] = True
    sampler = LesionCompositor(random_state=0, diameter=(3, 5))
    sampler.fit_resample(slices.images, slices.target, masks=slices.masks, region=region)
    assert sampler.region_ == "given"
    assert not sampler.synthetic_masks_[:, ~region[0]].any()
    with pytest.raises(ValueError, match="No image of class 0 has an allowed pixel"):
        sampler.fit_resample(slices.images, slices.target, region=region & False)


def test_no_room_shrinks_with_a_warning(slices):
    with pytest.warns(ResamplingWarning, match="were shrunk"):
        sampler, made = composed(slices, diameter=(40.0, 50.0))
    assert np.isfinite(made).all() and sampler.synthetic_masks_.any(axis=(1, 2)).all()


def test_bright_lesions_on_bright_ground():
    """Dark lesions in bright discs: the region is found on the side that surrounds lesions."""
    rng = np.random.RandomState(0)
    X = rng.normal(0.1, 0.01, (40, 48, 48))
    organ, hole = disc(48, (24, 24), 18), disc(48, (20, 26), 4)
    X[:, organ] += 0.7
    masks = np.zeros(X.shape, bool)
    masks[:6] = hole
    X[:6, hole] -= 0.25
    sampler = LesionCompositor(random_state=0)
    made = sampler.fit_resample(X, np.arange(40) < 6, masks=masks)[0][40:]
    assert sampler.region_ == "bright"
    for image, mask in zip(made, sampler.synthetic_masks_):
        assert not (mask & ~organ).any() and image[mask].mean() < 0.7


@pytest.mark.parametrize(
    "params, masks, match",
    [
        ({}, np.zeros((200, 64, 63)), r"\(200, 64, 64\)"),
        ({}, np.zeros((199, 64, 64)), r"\(200, 64, 64\)"),
        ({}, np.full((200, 64, 64), np.nan), "missing cells"),
        ({"lesions": "given"}, None, "needs masks"),
        ({"background": 7}, None, "no class of y"),
        ({"background": 1}, None, "is that of the backgrounds"),
        ({"diameter": (5, 3)}, None, "low <= high"),
        ({"diameter": (0, 3)}, None, "low <= high"),
        ({"contrast": (1,)}, None, "low <= high"),
    ],
)
def test_errors(slices, params, masks, match):
    with pytest.raises(ValueError, match=match):
        LesionCompositor(random_state=0, **params).fit_resample(
            slices.images, slices.target, masks=masks
        )


@quiet
def test_masks_by_routing_and_by_constructor(slices):
    """Masks are split with the images in a cross-validation; the constructor's are not."""
    X, y, masks = slices.images, slices.target, slices.masks
    with sklearn.config_context(enable_metadata_routing=True):
        sampler = LesionCompositor(random_state=0, lesions="given")
        model = make_pipeline(sampler, FunctionTransformer(flattened), DummyClassifier())
        cross_validate(model, X, y, cv=2, params={"masks": masks}, error_score="raise")
    by_call = LesionCompositor(random_state=0).fit_resample(X, y, masks=masks)[0]
    by_name = LesionCompositor(random_state=0, masks=masks).fit_resample(X, y)[0]
    assert (by_call == by_name).all()
    unrouted = make_pipeline(
        LesionCompositor(masks=masks), FunctionTransformer(flattened), DummyClassifier()
    )
    with pytest.raises(ValueError, match="metadata routing"):
        cross_validate(unrouted, X, y, cv=2, error_score="raise")


def test_otsu_and_region_know_air_from_lung(slices):
    """The air around the body is no region, and vessels in the lungs are."""
    for image, lungs in zip(slices.images[:20].astype(float), slices.lungs):
        region = find_region(image, "dark")
        assert not region[0].any() and not region[:, 0].any()
        overlap = (region & lungs).sum() / (region | lungs).sum()
        assert overlap > 0.75
    two = np.r_[np.zeros(50), np.ones(50)]
    assert 0 <= otsu_threshold(two) < 1


def test_depth_counts_the_edge_of_the_image():
    depth = depth_of(np.ones((5, 5), bool))
    assert depth[0, 0] == 1 and depth[2, 2] == 3
    assert depth_of(np.ones((1, 5), bool)).tolist() == [[1, 2, 3, 2, 1]]


@pytest.mark.parametrize("blend", ["alpha", "poisson"])
def test_blending_matches_brightness(blend):
    """A lesion of constant contrast on a constant ground of any level."""
    mask = disc(17, (8, 8), 4).astype(float)
    lesion = Lesion(np.where(mask, 0.3, 0.0)[:, :, None], mask, 0)
    for level in (0.2, 0.6):
        image = np.full((40, 40, 1), level)
        made, where = set_into(image, lesion, (20, 21), feather=0.8, blend=blend)
        assert where.sum() == mask.sum() and where[20, 21]
        assert made[20, 21, 0] == pytest.approx(level + 0.3, abs=0.02)
        assert made[5, 5, 0] == level


def test_cut_lesions_are_their_contrast():
    """Two discs on a ground that slopes: texture is relative to what is around each."""
    image = np.linspace(0.1, 0.4, 60)[:, None, None] * np.ones((60, 60, 1))
    masks = disc(60, (15, 15), 5) | disc(60, (45, 40), 3)
    image[masks] += 0.4
    first, second = cut_lesions(image, masks, 9)
    assert first.diameter > second.diameter and first.parent == 9
    assert first.contrast == pytest.approx(0.4, abs=0.03)
    assert second.contrast == pytest.approx(0.4, abs=0.03)


def test_made_lesions_have_the_size_and_contrast_asked_for(rng):
    for diameter in (4.0, 9.0, 20.0):
        made = [ellipse_lesion(diameter, 0.4, 0.02, 2, rng) for _ in range(10)]
        assert np.mean([one.diameter for one in made]) == pytest.approx(diameter, rel=0.08)
        assert np.mean([one.texture.mean() for one in made]) == pytest.approx(0.4, abs=0.02)
        assert made[0].texture.shape[2] == 2
    assert len({one.mask.tobytes() for one in made}) == 10
