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
