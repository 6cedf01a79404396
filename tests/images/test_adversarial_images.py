"""Samplers of images on what goes wrong in practice: limits of dtypes, masks, odd inputs."""

# ruff: noqa: F811 (fixtures of another test file)

import importlib.util
import pickle
import subprocess
import sys

import numpy as np
import pytest
from imblearn.over_sampling import ADASYN
from scipy import ndimage
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from test_contracts_images import check, image_sampler, lungs  # noqa: F401

from skgensample.exceptions import ResamplingWarning
from skgensample.images import AugmentationOversampler, LesionCompositor
from skgensample.images._pixels import PixelScale

quiet = pytest.mark.filterwarnings("ignore::skgensample.exceptions.ResamplingWarning")
pytestmark = quiet
INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]


@pytest.mark.parametrize("dtype", INTEGERS)
def test_limits_of_integers_are_kept(dtype):
    """White stays white: 2 ** 63 - 1 is rounded to 2 ** 63 as a float, and would wrap around."""
    ends = np.iinfo(dtype)
    near = ends.max - max(ends.max >> 30, 9)
    scale = PixelScale(np.array([[ends.max, near]], dtype), (1, 2, 1))
    for level, least, most in ((1, (int(ends.max) + near) // 2, ends.max), (0, near, ends.max)):
        images = np.full((3, 1, 2, 1), level, np.float32)
        made = scale.write(images, np.empty((3, 2), dtype))
        assert (made >= least).all() and (made <= most).all()
    both = PixelScale(np.array([[ends.min, ends.max]], dtype), (1, 2, 1))
    made = both.write(np.array([[[[0.0], [1.0]]]], np.float32), np.empty((1, 2), dtype))
    assert made[0, 0] == ends.min and made[0, 1] > ends.max - max(ends.max >> 40, 1)


def test_largest_images_stay_constant(image_sampler, lungs):
    X = np.full((60, 8, 8), np.iinfo(np.int64).max)
    assert (image_sampler.fit_resample(X, lungs.target)[0] == X[0]).all()


def test_masked_pixels_are_refused(image_sampler, lungs):
    mask = np.zeros(lungs.images.shape, bool)
    X = np.ma.array(lungs.images, mask=mask)
    check(lungs.images, lungs.target, *clone(image_sampler).fit_resample(X, lungs.target))
    X[5, 3, 4] = np.ma.masked
    for given in (X, list(X)):
        with pytest.raises(ValueError, match=r"Image 5 has a masked pixel \(row 3, column 4\)"):
            image_sampler.fit_resample(given, lungs.target)


def test_lists_of_images_need_one_dtype(image_sampler, lungs):
    given = [image if i % 2 else image / 255 for i, image in enumerate(lungs.images)]
    with pytest.raises(ValueError, match="dtypes float64 and uint8"):
        image_sampler.fit_resample(given, lungs.target)


def test_channels_first_are_warned_of(image_sampler, lungs):
    X = np.stack([lungs.images[:, :16, :16]] * 3, axis=1)
    with pytest.warns(ResamplingWarning, match=r"np.moveaxis\(X, 1, -1\)"):
        image_sampler.fit_resample(X, lungs.target)


def test_shape_of_flags_is_refused(image_sampler, lungs):
    with pytest.raises(ValueError, match="image_shape must be"):
        image_sampler.set_params(image_shape=(True, 1024)).fit_resample(
            lungs.images.reshape(60, -1), lungs.target
        )


def test_frames_of_pixels_keep_kind_and_dtype(image_sampler, lungs):
    """pyarrow and polars come back as they were; columns of several dtypes are refused by name."""
    pa, pl = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    pd = pytest.importorskip("pandas")
    sampler = image_sampler.set_params(image_shape=(32, 32))
    rows = lungs.images.reshape(60, -1)
    plain = clone(sampler).fit_resample(rows, lungs.target)[0]
    names = [f"p{j}" for j in range(1024)]
    table = pa.table(dict(zip(names, rows.T.copy())))
    arrow = clone(sampler).fit_resample(table, lungs.target)[0]
    assert arrow.schema == table.schema
    assert (np.stack([column.to_numpy() for column in arrow.columns], axis=1) == plain).all()
    polars = clone(sampler).fit_resample(pl.from_arrow(table), lungs.target)[0]
    assert set(polars.dtypes) == {pl.UInt8} and (polars.to_numpy() == plain).all()
    frame = pd.DataFrame(rows, columns=names)
    with pytest.raises(TypeError, match=r"column 'p0' is uint8, column 'p3' is float64"):
        sampler.fit_resample(frame.astype({"p3": float}), lungs.target)
    with pytest.raises(TypeError, match=r"column 'p0' is UInt8"):
        sampler.fit_resample(frame.astype("UInt8"), lungs.target)


def test_no_model_of_earlier_images_is_left(image_sampler, lungs):
    """After `fit_resample` of other images `sample` makes images of these, or none."""
    image_sampler.fit(lungs.images, lungs.target)
    image_sampler.fit_resample(lungs.images[:, :16], lungs.target)
    if image_sampler._keeps_model:
        assert image_sampler.sample(2, 1)[0].shape == (2, 16, 32)
    else:
        with pytest.raises(NotFittedError):
            image_sampler.sample(2, 1)
        blob = pickle.dumps(image_sampler)
        assert not any(image.tobytes() in blob for image in lungs.images)


def test_renaming_labels_changes_nothing_else(image_sampler, lungs):
    first = clone(image_sampler).fit_resample(lungs.images, lungs.target)[0]
    names = np.array(["well", "ill"])[lungs.target]
    assert (image_sampler.fit_resample(lungs.images, names)[0] == first).all()


def test_wrappers_that_set_the_strategy_themselves(image_sampler, lungs):
    """Ensembles of imbalanced-learn set `sampling_strategy_` and call `_fit_resample`."""
    image_sampler.sampling_strategy_ = {1: 5}
    X_all, y_all = image_sampler._fit_resample(lungs.images, lungs.target)
    assert X_all.shape == (65, 32, 32) and (y_all == 1).sum() == 17


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_rows_near_the_limits_of_floats(image_sampler, lungs):
    X = np.random.RandomState(0).choice([-1.7e308, 0, 1.7e308], (60, 3))
    X_all, _ = image_sampler.fit_resample(X, lungs.target)
    assert np.isfinite(X_all).all() and np.abs(X_all).max() <= 1.7e308


def test_inexact_samplers_are_refused(lungs):
    """imblearn's ADASYN makes about as many rows as asked: the rest would be garbage."""
    pytest.importorskip("torch")
    from skgensample.images import DeepSMOTE

    small = {"max_steps": 3, "latent_dim": 4, "channels": 4, "random_state": 0}
    sampler = DeepSMOTE(sampler=ADASYN(), sampling_strategy={1: 29}, **small)
    with pytest.raises(ValueError, match=r"sampler=ADASYN does not return .* 17 new ones"):
        sampler.fit_resample(lungs.images, lungs.target)


@pytest.mark.parametrize(
    "change",
    [
        lambda X: X / 255,
        lambda X: (X - 128.0) * 1e-3,
        lambda X: X.astype(np.int32) * 7_654_321,
        lambda X: np.stack([X / 255, X / 9], axis=3),
    ],
    ids=["unit", "small", "int32", "channels"],
)
@pytest.mark.parametrize("blend", ["alpha", "poisson"])
def test_backgrounds_are_kept_bit_for_bit(lungs, change, blend):
    """Where no lesion lies, a pixel is its background's: no rounding to float32."""
    X = change(lungs.images)
    sampler = LesionCompositor(random_state=0, blend=blend, region=lungs.lungs)
    made = sampler.fit_resample(X, lungs.target, masks=lungs.masks)[0][60:]
    for image, mask, (_, background) in zip(
        made, sampler.synthetic_masks_, sampler.synthetic_parents_
    ):
        rows, columns = np.nonzero(mask)
        away = np.ones(mask.shape, bool)
        away[max(rows.min() - 6, 0) : rows.max() + 7, max(columns.min() - 6, 0) :] = False
        assert (image[away] == X[background][away]).all()
        assert (image[mask] != X[background][mask]).any()


def test_side_of_lesions_in_small_images(lungs):
    """Rings around nodules in lungs of nine pixels lie on the wall mostly, and lungs are dark."""
    sampler = LesionCompositor(random_state=0)
    with pytest.warns(ResamplingWarning, match="put on the dark side"):
        sampler.fit_resample(lungs.images, lungs.target, masks=lungs.masks)
    assert sampler.region_ == "dark"
    inside = lungs.lungs[sampler.synthetic_parents_[:, 1]]
    assert (sampler.synthetic_masks_ & ~inside).sum() < 0.02 * sampler.synthetic_masks_.sum()


def test_wide_edges_end_softly():
    """A wide feather fades out, and is not cut off where the lesion's patch ends."""
    X = np.full((20, 64, 64), 0.2)
    X[0, 0, :2] = 0, 1
    masks = np.zeros(X.shape, bool)
    masks[:4, 29:36, 29:36] = True
    X[:4, 29:36, 29:36] = 0.8
    made_by_hand = {"lesions": "made", "diameter": (7, 8), "region": "all", "rotate": False}
    sampler = LesionCompositor(random_state=0, feather=6.0, **made_by_hand)
    made = sampler.fit_resample(X, np.arange(20) < 4, masks=masks)[0][20:]
    steps = [np.abs(np.diff(made, axis=axis)) for axis in (1, 2)]
    near = ndimage.binary_dilation(sampler.synthetic_masks_, np.ones((1, 3, 3)), iterations=2)
    away = [~near[:, 1:], ~near[:, :, 1:]]
    assert max(step[where].max() for step, where in zip(steps, away)) < 0.03


@pytest.mark.parametrize(
    "params, call, match",
    [
        ({}, {"region": "brite"}, "region='brite'"),
        ({"diameter": (1, np.inf)}, {}, "finite"),
        ({"contrast": (0, np.inf)}, {}, "finite"),
        ({}, {"masks": [np.zeros((32, 32))] * 59 + [None]}, "one array of shape"),
        ({}, {"masks": np.full((60, 32, 32), "0")}, "dtype"),
    ],
)
def test_errors_of_the_compositor(lungs, params, call, match):
    with pytest.raises(ValueError, match=match):
        LesionCompositor(random_state=0, **params).fit_resample(lungs.images, lungs.target, **call)


@pytest.mark.parametrize("lesions", ["given", "made"])
def test_lesions_larger_than_the_image_take_no_longer(lungs, lesions):
    """A patch of 30,000 x 30,000 pixels would not fit in memory."""
    sampler = LesionCompositor(random_state=0, lesions=lesions, diameter=(3e4, 3e4))
    with pytest.warns(ResamplingWarning, match="were shrunk"):
        X, y = sampler.fit_resample(lungs.images, lungs.target, masks=lungs.masks)
    check(lungs.images, lungs.target, X, y)


def test_no_lesion_is_labelled_healthy(lungs):
    """Neither where labels are drawn nor where the class of backgrounds is asked for."""
    y = np.where(lungs.target == 1, 1 + np.arange(60) % 2, 0)
    sampler = LesionCompositor(random_state=0).fit(lungs.images, y, masks=lungs.masks)
    drawn = sampler.sample(40)[1]
    assert set(drawn) == {1, 2}
    with pytest.raises(ValueError, match=r"Class 0 is that of the backgrounds.* leave it out of y"):
        sampler.sample(3, 0)
    with pytest.raises(ValueError, match="no class but that of the backgrounds"):
        sampler.fit(lungs.images, y * 0).sample(3)


def test_backgrounds_are_without_lesions(lungs):
    """Where lesions are the larger class, no lesion goes into lesions to be labelled healthy."""
    few = np.r_[np.flatnonzero(lungs.target == 1), np.flatnonzero(lungs.target == 0)[:6]]
    X, y, masks = lungs.images[few], lungs.target[few], lungs.masks[few]
    with pytest.raises(ValueError, match="Class 0 is that of the backgrounds"):
        LesionCompositor(random_state=0).fit_resample(X, y, masks=masks)
    sampler = LesionCompositor(random_state=0, sampling_strategy={1: 20})
    sampler.fit_resample(X, y, masks=masks)
    assert (y[sampler.synthetic_parents_[:, 1]] == 0).all()


def test_masks_without_a_lesion_are_warned_of(lungs):
    with pytest.warns(ResamplingWarning, match="No mask marks a lesion of class 1"):
        LesionCompositor(random_state=0).fit_resample(
            lungs.images, lungs.target, masks=lungs.masks & False
        )


def test_saving_says_what_to_do(image_sampler, lungs, tmp_path):
    from skgensample.persistence import save_model

    with pytest.raises(TypeError, match="Keep others with pickle or joblib"):
        save_model(image_sampler.fit(lungs.images, lungs.target), tmp_path / "a.skg")
    copy = pickle.loads(pickle.dumps(image_sampler))
    assert (copy.sample(3, 1)[0] == image_sampler.sample(3, 1)[0]).all()


PEAK = """
import resource, numpy as np, skgensample.images as images
from skgensample.datasets import make_lung_slices
data = make_lung_slices(60, nodule_fraction=0.2, random_state=0)
small = {{"max_steps": 2}} if "{0}" in ("DeepSMOTE", "ImageGANOversampler") else {{}}
sampler = getattr(images, "{0}")(random_state=0, sampling_strategy={{1: 10_012}}, **small)
assert len(sampler.fit_resample(data.images, data.target)[0]) == 10_060
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the unit of the peak is Linux's")
@pytest.mark.parametrize(
    "name", ["AugmentationOversampler", "LesionCompositor", "DeepSMOTE", "ImageGANOversampler"]
)
def test_ten_thousand_images_in_one_gigabyte(name):
    if name in ("DeepSMOTE", "ImageGANOversampler") and not importlib.util.find_spec("torch"):
        pytest.skip("torch is not installed")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PEAK.format(name)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) * 1024 < 1e9


def test_augmentation_keeps_float_noise_out_of_integers(lungs):
    """Values of CT with negatives: in range, and whole."""
    X = lungs.images.astype(np.int16) * 16 - 1000
    made = AugmentationOversampler(random_state=0).fit_resample(X, lungs.target)[0][60:]
    assert made.dtype == np.int16 and made.min() >= X.min() and made.max() <= X.max()
    assert made.min() < -500 and made.max() > 1000
