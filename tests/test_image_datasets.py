"""Simulated slices and loaders of image files."""

import numpy as np
import pytest

from skgensample.datasets import load_image_folder, load_medmnist, make_lung_slices


@pytest.fixture(scope="module")
def slices():
    return make_lung_slices(300, nodule_fraction=0.2, random_state=0)


def test_slices_are_what_they_say(slices):
    assert slices.images.shape == slices.masks.shape == slices.lungs.shape == (300, 64, 64)
    assert slices.images.dtype == np.uint8 and slices.masks.dtype == bool
    assert slices.target.sum() == 60
    assert (slices.masks.any(axis=(1, 2)) == (slices.target == 1)).all()
    assert not (slices.masks & ~slices.lungs).any()


def test_lungs_are_dark_and_nodules_bright(slices):
    images, sick = slices.images.astype(float), slices.target == 1
    lungs = slices.lungs & ~slices.masks
    body = np.median(images[:, 28:36, 28:36])
    assert np.median(images[lungs]) < 90 < 150 < body
    contrast = [
        image[mask].mean() - np.median(image[lung])
        for image, mask, lung in zip(images[sick], slices.masks[sick], lungs[sick])
    ]
    assert np.percentile(contrast, 5) > 40
    # two lungs, each a fair part of the slice
    assert 0.05 < slices.lungs[:, :, :32].mean() and 0.05 < slices.lungs[:, :, 32:].mean()


def test_diameters_and_sizes():
    for diameter in ((3, 4), (10, 12)):
        data = make_lung_slices(80, nodule_fraction=1, diameter=diameter, random_state=0)
        found = 2 * np.sqrt(data.masks.sum(axis=(1, 2)) / np.pi)
        assert diameter[0] - 1.5 < np.median(found) < diameter[1] + 1
    assert make_lung_slices(3, size=96, random_state=0).images.shape == (3, 96, 96)


def test_seeds_and_fractions():
    first, again, other = (make_lung_slices(20, random_state=seed).images for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any()
    assert make_lung_slices(10, nodule_fraction=0, random_state=0).masks.sum() == 0
    assert make_lung_slices(10, nodule_fraction=1, random_state=0).target.all()


@pytest.mark.parametrize(
    "params", [{"n_samples": 0}, {"nodule_fraction": 2}, {"size": 8}, {"diameter": (9, 3)}]
)
def test_slices_refuse(params):
    with pytest.raises(ValueError):
        make_lung_slices(**params)


def test_medmnist(tmp_path):
    rng = np.random.RandomState(0)
    parts = {"train": 5, "val": 3, "test": 4}
    arrays = {f"{k}_images": rng.randint(0, 255, (n, 4, 4), np.uint8) for k, n in parts.items()}
    labels = {f"{k}_labels": np.arange(n)[:, None] % 2 for k, n in parts.items()}
    np.savez(tmp_path / "a.npz", **arrays, **labels)
    data = load_medmnist(tmp_path / "a.npz", split="all")
    assert len(data.images) == 12 and data.split.tolist().count("val") == 3
    test = load_medmnist(tmp_path / "a.npz", split="test")
    assert (test.images == arrays["test_images"]).all() and test.target.tolist() == [0, 1, 0, 1]
    with pytest.raises(ValueError, match="train, val, test or all"):
        load_medmnist(tmp_path / "a.npz", split="dev")
    np.savez(tmp_path / "b.npz", train_images=arrays["train_images"])
    with pytest.raises(ValueError, match="no array 'train_labels'"):
        load_medmnist(tmp_path / "b.npz")
    np.savez(tmp_path / "c.npz", train_images=arrays["train_images"], train_labels=np.ones((5, 14)))
    with pytest.raises(ValueError, match="14 labels"):
        load_medmnist(tmp_path / "c.npz")


def test_image_folder(tmp_path):
    image_of = pytest.importorskip("PIL.Image")
    rng = np.random.RandomState(0)
    pixels = rng.randint(0, 255, (3, 6, 5), np.uint8)
    for name, array in zip(("sick/1.png", "sick/2.png", "well/1.png"), pixels):
        (tmp_path / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        image_of.fromarray(array).save(tmp_path / "images" / name)
    (tmp_path / "masks" / "sick").mkdir(parents=True)
    image_of.fromarray((pixels[1] > 100).astype(np.uint8) * 255).save(tmp_path / "masks/sick/2.png")
    data = load_image_folder(tmp_path / "images", masks=tmp_path / "masks")
    assert (data.images == pixels).all() and data.target.tolist() == ["sick", "sick", "well"]
    assert (data.masks[1] == (pixels[1] > 100)).all() and not data.masks[[0, 2]].any()
    assert load_image_folder(tmp_path / "images").masks is None
    image_of.fromarray(pixels[0][:4]).save(tmp_path / "masks/sick/1.png")
    with pytest.raises(ValueError, match=r"Mask 1\.png has shape \(4, 5\)"):
        load_image_folder(tmp_path / "images", masks=tmp_path / "masks")
    image_of.fromarray(pixels[0][:4]).save(tmp_path / "images/well/2.png")
    with pytest.raises(ValueError, match=r"2\.png is uint8 of shape \(4, 5\)"):
        load_image_folder(tmp_path / "images")
    with pytest.raises(ValueError, match="no PNG file"):
        load_image_folder(tmp_path / "masks" / "sick")


def test_deep_and_coloured_pngs(tmp_path):
    image_of = pytest.importorskip("PIL.Image")
    rng = np.random.RandomState(0)
    deep = rng.randint(0, 60_000, (6, 5)).astype(np.uint16)
    colours = rng.randint(0, 255, (6, 5, 4), np.uint8)
    for name, array in (("deep", deep), ("colours", colours)):
        (tmp_path / name / "a").mkdir(parents=True)
        image_of.fromarray(array).save(tmp_path / name / "a" / "1.png")
    read = load_image_folder(tmp_path / "deep").images
    assert read.dtype == np.uint16 and (read[0] == deep).all()
    assert (load_image_folder(tmp_path / "colours").images[0] == colours[:, :, :3]).all()


@pytest.mark.parametrize(
    "params, match",
    [
        ({"diameter": 5}, "got 5"),
        ({"diameter": (5,)}, "low, high"),
        ({"diameter": ("a", 5)}, "low, high"),
        ({"size": 32}, "a quarter of size"),
        ({"nodule_fraction": np.nan}, "got nan"),
    ],
)
def test_slices_say_what_is_wrong(params, match):
    with pytest.raises(ValueError, match=match):
        make_lung_slices(5, **params)


def test_medmnist_refuses_what_are_no_images_with_labels(tmp_path):
    X, y = np.zeros((6, 4, 4), np.uint8), np.arange(6) % 2
    cases = {
        "6 images and 5 labels": (X, y[:5]),
        "6 images and 12 labels": (X, np.r_[y, y]),
        "take slices": (np.zeros((6, 8, 8, 8), np.uint8), y),
        "holds objects": (X, y.astype(object)),
    }
    for match, (images, labels) in cases.items():
        np.savez(tmp_path / "a.npz", train_images=images, train_labels=labels)
        with pytest.raises(ValueError, match=match):
            load_medmnist(tmp_path / "a.npz")
    parts = {"train": X, "val": X[:, :3], "test": X}
    arrays = {f"{name}_images": images for name, images in parts.items()}
    np.savez(tmp_path / "b.npz", **arrays, **{f"{name}_labels": y for name in parts})
    with pytest.raises(ValueError, match=r"val_images has images of shape \(3, 4\)"):
        load_medmnist(tmp_path / "b.npz", split="all")
    (tmp_path / "c.npz").write_bytes(b"no archive")
    np.save(tmp_path / "d.npy", X)
    for name in ("c.npz", "d.npy"):
        with pytest.raises(ValueError, match=f"{name} is no archive"):
            load_medmnist(tmp_path / name)


@pytest.fixture
def folder(tmp_path):
    """Two grey images with a file of macOS next to one of them; returns how to write more."""
    image_of = pytest.importorskip("PIL.Image")

    def write(name, pixels, mode=None, palette=None):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = image_of.fromarray(pixels, mode=mode)
        if palette:
            image.putpalette(palette)
        image.save(path)

    for i, name in enumerate(("images/sick/1.png", "images/well/2.png")):
        write(name, np.full((6, 5), 50 * i, np.uint8))
    (tmp_path / "images" / "sick" / "._1.png").write_bytes(b"no image")
    (tmp_path / "images" / "sick" / "a.png").mkdir()
    return write


def test_files_that_are_no_images_of_a_class(tmp_path, folder):
    images = tmp_path / "images"
    assert load_image_folder(images).filenames == ["sick/1.png", "well/2.png"]
    folder("images/well/deep/3.png", np.zeros((6, 5), np.uint8))
    with pytest.warns(UserWarning, match=r"left out: well/deep/3\.png"):
        assert len(load_image_folder(images).images) == 2
    blob = (images / "sick" / "1.png").read_bytes()
    for junk in (b"no image", blob[:40]):
        (images / "sick" / "3.png").write_bytes(junk)
        with (
            pytest.warns(UserWarning, match="left out"),
            pytest.raises(ValueError, match=r"sick/3\.png cannot be read"),
        ):
            load_image_folder(images)
    with pytest.raises(FileNotFoundError, match="no folder"):
        load_image_folder(tmp_path / "none")


def test_no_mask_is_lost(tmp_path, folder):
    """A wrong folder of masks would give empty masks, and with them lesions made by hand."""
    images, masks = tmp_path / "images", tmp_path / "masks"
    with pytest.raises(FileNotFoundError, match="no folder of masks"):
        load_image_folder(images, masks=masks)
    folder("masks/ill/1.png", np.ones((6, 5), np.uint8))
    with pytest.raises(ValueError, match=r"relative path of an image, such as sick/1\.png"):
        load_image_folder(images, masks=masks)
    folder("masks/sick/1.png", np.ones((6, 5), np.uint8))
    with pytest.warns(UserWarning, match=r"belong to no image.*ill/1\.png"):
        assert load_image_folder(images, masks=masks).masks.sum() == 30


def test_masks_of_any_colour_and_of_palettes(tmp_path, folder):
    where = np.arange(30).reshape(6, 5) % 3 == 0
    green = np.zeros((6, 5, 3), np.uint8)
    green[where, 1] = 255
    indices = where.astype(np.uint8)
    white_first = [255, 255, 255, 255, 0, 0] + [0] * 762
    for pixels, more in ((green, {}), (indices, {"mode": "P", "palette": white_first})):
        folder("masks/sick/1.png", pixels, **more)
        found = load_image_folder(tmp_path / "images", masks=tmp_path / "masks").masks
        assert (found[0] == where).all() and not found[1].any()
