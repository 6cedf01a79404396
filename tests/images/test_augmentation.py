"""Augmentation: each change does what its name says, and only that."""

import numpy as np
import pytest

from skgensample.images import AugmentationOversampler
from skgensample.images._geometry import affine_matrix, smooth_noise, warped

OFF = {"flip": None, "rotation": 0, "shift": 0, "scaling": 0, "brightness": 0, "contrast": 0,
       "noise": 0}  # fmt: skip


@pytest.fixture
def ramps():
    """Images that differ in every pixel: 30 + 10 of 12 x 16."""
    rng = np.random.RandomState(0)
    return rng.randint(0, 256, (40, 12, 16)).astype(np.uint8), np.arange(40) // 30


def made_with(ramps, **params):
    sampler = AugmentationOversampler(random_state=0, **{**OFF, **params})
    X_all, _ = sampler.fit_resample(*ramps)
    return X_all[len(ramps[0]) :], ramps[0][sampler.synthetic_parents_]


def test_all_switched_off_repeats_images(ramps):
    made, parents = made_with(ramps)
    assert (made == parents).all()
    assert len(np.unique(made, axis=0)) > 5


@pytest.mark.parametrize(
    "flip, views",
    [
        ("horizontal", [np.s_[:, :], np.s_[:, ::-1]]),
        ("vertical", [np.s_[:, :], np.s_[::-1, :]]),
        ("both", [np.s_[:, :], np.s_[:, ::-1], np.s_[::-1, :], np.s_[::-1, ::-1]]),
    ],
)
def test_flips(ramps, flip, views):
    made, parents = made_with(ramps, flip=flip)
    found = [
        [k for k, view in enumerate(views) if (image == parent[view]).all()]
        for image, parent in zip(made, parents)
    ]
    assert {k for one in found for k in one} == set(range(len(views)))
    assert all(found)


def test_brightness_contrast_and_noise(ramps):
    X = (ramps[0] // 4 + 96).astype(np.float64)
    X[0, 0, :2] = 0, 255  # the range of the given pixels
    ramps = (X, ramps[1])
    made, parents = made_with(ramps, brightness=0.1)
    shift = (made - parents).mean(axis=(1, 2))
    assert np.abs(made - parents - shift[:, None, None]).max() < 1e-3
    assert 10 < np.abs(shift).max() <= 25.5
    made, parents = made_with(ramps, contrast=0.2)
    ratio = made.std(axis=(1, 2)) / parents.std(axis=(1, 2))
    assert 1 / 1.2 - 1e-6 < ratio.min() < 0.95 and 1.05 < ratio.max() < 1.2 + 1e-6
    assert np.abs(made.mean(axis=(1, 2)) - parents.mean(axis=(1, 2))).max() < 1e-3
    made, parents = made_with(ramps, noise=0.02)
    assert (made - parents).std() == pytest.approx(0.02 * 255, rel=0.05)


def test_shift_moves_by_at_most_its_fraction():
    X = np.zeros((20, 40, 40), np.uint8)
    X[:, 20, 20] = 255
    made, _ = made_with((X, np.arange(20) // 15), shift=0.2)
    places = np.array([np.argwhere(image == image.max())[0] for image in made])
    assert 3 < np.abs(places - 20).max() <= 8


def test_tables_get_noise_within_the_range_of_the_class():
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(60, 3)) * [1, 100, 0], np.arange(60) // 45
    X_all, _ = AugmentationOversampler(random_state=0, noise=0.1).fit_resample(X, y)
    made, own = X_all[60:], X[y == 1]
    assert (made >= own.min(axis=0)).all() and (made <= own.max(axis=0)).all()
    assert len(np.unique(made[:, 1])) > 25 and (made[:, 2] == 0).all()


def test_warp_keeps_what_it_should():
    """A quarter turn is exact, and turning back and forth comes home inside."""
    image = np.arange(49.0).reshape(7, 7)
    quarter = warped(image, affine_matrix(np.pi / 2))
    assert np.allclose(quarter, np.rot90(image, 1)) or np.allclose(quarter, np.rot90(image, -1))
    assert np.allclose(warped(image, affine_matrix(flip=True)), image[:, ::-1])
    smooth = smooth_noise(np.random.RandomState(0), (64, 64), 6.0)
    back = warped(warped(smooth, affine_matrix(0.3)), affine_matrix(-0.3))
    assert np.abs(back - smooth)[16:48, 16:48].max() < 0.1
    assert smooth.std() == pytest.approx(1)
