"""What holds for every sampler of images: shapes, dtypes, ranges, seeds, errors."""

import importlib.util

import numpy as np
import pytest
from imblearn.pipeline import make_pipeline
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import FunctionTransformer
from two_threads import at_the_same_time

from skgensample.datasets import make_lung_slices
from skgensample.exceptions import SmallClassWarning

pytestmark = pytest.mark.filterwarnings("ignore::skgensample.exceptions.ResamplingWarning")


HAS_TORCH = importlib.util.find_spec("torch") is not None
NETS = {"max_steps": 3, "latent_dim": 4, "channels": 4, "batch_size": 8}
SAMPLERS = {
    "AugmentationOversampler": {},
    "LesionCompositor": {},
    "DeepSMOTE": NETS,
    "ImageGANOversampler": NETS,
}


@pytest.fixture(params=SAMPLERS)
def image_sampler(request):
    """A fresh, cheap sampler of images, with an int seed."""
    import skgensample.images

    if SAMPLERS[request.param] and not HAS_TORCH:
        pytest.skip("torch is not installed")
    return getattr(skgensample.images, request.param)(random_state=0, **SAMPLERS[request.param])


@pytest.fixture(scope="session")
def lungs():
    """60 slices, 12 of them with a nodule; read-only."""
    data = make_lung_slices(60, nodule_fraction=0.2, size=32, diameter=(3, 6), random_state=0)
    for name in ("images", "target", "masks", "lungs"):
        data[name].flags.writeable = False
    return data


def flattened(X):
    return np.asarray(X, dtype=float).reshape(len(X), -1)


def check(X, y, X_all, y_all):
    """Given images first, bit for bit; same shape, dtype and range; classes level."""
    assert X_all.shape[1:] == X.shape[1:] and X_all.dtype == X.dtype.newbyteorder("=")
    assert (X_all[: len(X)] == X).all() and (y_all[: len(y)] == y).all()
    assert len(set(np.unique(y_all, return_counts=True)[1])) == 1
    assert X_all.min() >= X.min() and X_all.max() <= X.max()


@pytest.mark.parametrize(
    "change",
    [
        lambda X: X,
        lambda X: X.astype(np.float32) / 255,
        lambda X: (X.astype(np.float64) - 128) * 1e6,
        lambda X: X.astype(np.int16) * 8 - 1000,
        lambda X: X.astype(np.uint16) * 257,
        lambda X: X > 100,
        lambda X: X.astype(">f4"),
        lambda X: X.astype(np.float16),
        lambda X: X[..., None],
        lambda X: np.stack([X, 255 - X, X // 2], axis=3),
        lambda X: X[:, :, :21],
        lambda X: X[:, ::2, ::-2],
        lambda X: X[:, :3, :5],
    ],
    ids=["uint8", "unit", "large", "int16", "uint16", "bool", "big-endian", "float16", "channel",
         "colours", "narrow", "strided", "tiny"],
)  # fmt: skip
def test_dtypes_and_shapes(image_sampler, lungs, change):
    X, y = change(lungs.images), lungs.target
    X_all, y_all = image_sampler.fit_resample(X, y)
    check(X, y, X_all, y_all)
    assert image_sampler.is_synthetic_.sum() == len(X_all) - len(X)


def test_constant_images_stay_constant(image_sampler, lungs):
    X = np.full(lungs.images.shape, 7, np.uint8)
    assert (image_sampler.fit_resample(X, lungs.target)[0] == 7).all()


def test_no_uint8_wraps_around(image_sampler, lungs):
    """White images with black ones: nothing beyond 255 comes back as 0 or the reverse."""
    X = np.where(lungs.target[:, None, None] == 1, 250, 255).astype(np.uint8)
    X = np.broadcast_to(X, lungs.images.shape)
    X_all, _ = image_sampler.fit_resample(X, lungs.target)
    assert X_all.min() >= 250


def test_one_image_of_a_class(image_sampler, lungs):
    """One image is enough; networks warn."""
    kept = np.r_[np.flatnonzero(lungs.target == 1)[:1], np.flatnonzero(lungs.target == 0)]
    X, y = lungs.images[kept], lungs.target[kept]
    if "max_steps" in image_sampler.get_params():
        with pytest.warns(SmallClassWarning, match="1 images|one image"):
            X_all, y_all = image_sampler.fit_resample(X, y)
    else:
        X_all, y_all = image_sampler.fit_resample(X, y)
    check(X, y, X_all, y_all)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_bad_pixels_are_named(image_sampler, lungs, bad):
    X = lungs.images.astype(np.float32)
    X[17, 4, 9] = bad
    with pytest.raises(ValueError, match=r"Image 17 .*row 4, column 9"):
        image_sampler.fit_resample(X, lungs.target)


def test_read_only_memory_map(image_sampler, lungs, tmp_path):
    np.save(tmp_path / "images.npy", lungs.images)
    X = np.load(tmp_path / "images.npy", mmap_mode="r")
    check(X, lungs.target, *image_sampler.fit_resample(X, lungs.target))


def test_same_seed_same_images(image_sampler, lungs):
    X, y = lungs.images, lungs.target
    first, again = (clone(image_sampler).fit_resample(X, y)[0] for _ in range(2))
    other = clone(image_sampler).set_params(random_state=1).fit_resample(X, y)[0]
    assert (first == again).all() and (first != other).any()


def test_flat_rows_are_the_same_images(image_sampler, lungs):
    """Flat rows with `image_shape` give the images of the stack; frames stay frames."""
    pd = pytest.importorskip("pandas")
    X, y = lungs.images, lungs.target
    stack = clone(image_sampler).fit_resample(X, y)[0]
    flat = clone(image_sampler).set_params(image_shape=(32, 32))
    rows = flat.fit_resample(X.reshape(60, -1), y)[0]
    assert rows.shape == (len(stack), 1024) and (rows.reshape(stack.shape) == stack).all()
    frame = pd.DataFrame(X.reshape(60, -1)).add_prefix("p")
    frame_all, y_all = flat.fit_resample(frame, pd.Series(y))
    assert list(frame_all) == list(frame) and (frame_all.to_numpy() == rows).all()
    assert (frame_all.dtypes == np.uint8).all() and (y_all.index == frame_all.index).all()


def test_counts_as_asked(image_sampler, lungs):
    X_all, y_all = image_sampler.set_params(sampling_strategy={1: 20}).fit_resample(
        lungs.images, lungs.target
    )
    assert np.bincount(y_all).tolist() == [48, 20] and len(X_all) == 68


def test_text_labels_and_three_classes(image_sampler, lungs):
    y = np.array(["healthy", "small", "large"])[lungs.target * (1 + np.arange(60) % 2)]
    X_all, y_all = image_sampler.fit_resample(lungs.images, y)
    check(lungs.images, y, X_all, y_all)


def test_fit_then_sample(image_sampler, lungs):
    image_sampler.fit(lungs.images, lungs.target)
    X_new, y_new = image_sampler.sample(5, 1)
    assert X_new.shape == (5, 32, 32) and X_new.dtype == np.uint8 and y_new.tolist() == [1] * 5
    assert (image_sampler.sample(5, 1)[0] == X_new).all()
    assert (image_sampler.sample(5, 1, random_state=3)[0] != X_new).any()
    with pytest.raises(ValueError, match="not a class seen by fit"):
        image_sampler.sample(5, 2)
    with pytest.raises(ValueError, match="positive integer"):
        image_sampler.sample(0, 1)


def test_tables_are_taken_too(image_sampler):
    """Frames of numbers come back as frames, with their dtypes; text is refused by name."""
    pd = pytest.importorskip("pandas")
    rng = np.random.RandomState(0)
    frame = pd.DataFrame({"a": rng.normal(size=60), "b": rng.randint(0, 9, 60), "c": 1.5})
    y = pd.Series(np.arange(60) // 45, name="sick")
    X_all, y_all = image_sampler.fit_resample(frame, y)
    assert (X_all.dtypes == frame.dtypes).all() and len(X_all) == 90 == len(y_all)
    assert X_all.iloc[:60].equals(frame) and X_all["b"].between(0, 8).all()
    assert (X_all["c"] == 1.5).all()
    X_new, y_new = image_sampler.fit(frame, y).sample(4, 1)
    assert list(X_new) == list(frame) and y_new.tolist() == [1] * 4
    with pytest.raises(TypeError, match="'d'"):
        image_sampler.fit_resample(frame.assign(d="text"), y)


def test_pipeline_with_features_behind_it_in_a_grid_search(image_sampler, lungs):
    """New images are made in the training folds only, and flattened afterwards."""
    model = make_pipeline(image_sampler, FunctionTransformer(flattened), GaussianNB())
    grid = {f"{type(image_sampler).__name__.lower()}__sampling_strategy": [0.5, 1.0]}
    search = GridSearchCV(model, grid, cv=2, scoring="roc_auc", error_score="raise")
    search.fit(lungs.images, lungs.target)
    assert search.predict(lungs.images).shape == (60,)


@pytest.mark.parametrize(
    "X, params, match",
    [
        (np.zeros((60, 32)), {"image_shape": (8, 5)}, "40 pixels"),
        (np.zeros((60, 8, 8)), {"image_shape": (8, 9)}, r"\(8, 8, 1\)"),
        (np.zeros((60, 64)), {"image_shape": (8, 8, 1, 1)}, "image_shape must be"),
        (np.zeros((60, 8, 8), complex), {}, "real numbers"),
        (np.zeros((60, 8, 8, 3, 2)), {}, "5 dimensions"),
        (np.zeros((60, 0, 8)), {}, "at least 1"),
        ([np.zeros((8, 8))] * 59 + [np.zeros((8, 9))], {}, "one shape"),
    ],
)
def test_unusable_images(image_sampler, lungs, X, params, match):
    with pytest.raises((ValueError, TypeError), match=match):
        image_sampler.set_params(**params).fit_resample(X, lungs.target)


def test_memory_of_many_images():
    """10,000 made images of 64 x 64 within 1 GB: measured on the fastest sampler."""
    import tracemalloc

    from skgensample.images import AugmentationOversampler

    X = np.zeros((40, 64, 64), np.uint8)
    X[:, 20:40, 20:40] = 200
    y = np.arange(40) % 2
    sampler = AugmentationOversampler(random_state=0, sampling_strategy={0: 20, 1: 1020})
    tracemalloc.start()
    sampler.fit_resample(X, y)
    small = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # blocks of 256 images bound all but the result, which takes 4 kB an image
    assert small + 9_000 * 64 * 64 < 1e9
    assert small < 60e6


def test_one_sampler_in_two_threads(image_sampler, lungs):
    X, y = lungs["images"], lungs["target"]
    tables = [(X, y), (X[10:], y[10:])]
    wanted = [clone(image_sampler).fit_resample(*table)[0] for table in tables]
    for found, expected in zip(at_the_same_time(image_sampler, *tables), wanted):
        np.testing.assert_array_equal(found[0], expected)
