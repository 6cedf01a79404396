"""The comparison on images: honest splits, exact scores, resumed runs, files, the command."""

import json

import numpy as np
import pytest

from skgensample.benchmarking import (
    ImageBenchmarkResult,
    ImageSplit,
    image_splits,
    run_image_benchmark,
)
from skgensample.benchmarking._image_runner import _crops, _Judge
from skgensample.benchmarking._image_strategies import NewImages, new_images
from skgensample.cli import main
from skgensample.datasets import make_lung_slices

SMALL = {"n_minority": 8, "n_samples": 60, "n_test": 40, "n_splits": 2}
QUICK = {"strategies": ["none", "class_weights", "augmentation", "compositor"],
         "learners": ["boosting"], "quality": False}  # fmt: skip


@pytest.fixture(scope="module")
def result():
    return run_image_benchmark(image_splits(**SMALL), **QUICK)


def tiny_split():
    """Slices of 32 x 32 pixels with masks."""
    train = make_lung_slices(60, nodule_fraction=0.2, size=32, diameter=(3, 6), random_state=0)
    test = make_lung_slices(60, nodule_fraction=0.5, size=32, diameter=(3, 6), random_state=1)
    parts = [(data.images, data.target, data.masks) for data in (train, test)]
    (X, y, masks), (X_test, y_test, masks_test) = parts
    return ImageSplit(0, X, y, X_test, y_test, masks, masks_test)


def medmnist(path, n=120):
    rng = np.random.RandomState(0)
    arrays = {}
    for part, size in (("train", n), ("val", 10), ("test", 40)):
        y = (np.arange(size) % 3 == 0).astype(np.uint8)
        X = rng.randint(0, 100, (size, 16, 16)) + 100 * y[:, None, None]
        arrays[f"{part}_images"], arrays[f"{part}_labels"] = X.astype(np.uint8), y[:, None]
    np.savez(path, **arrays)


def test_simulated_splits_differ_and_are_scarce():
    first, second = image_splits(**SMALL)
    assert first.y.sum() == 8 and len(first.X) == 60 and first.y_test.mean() == 0.5
    assert (first.X != second.X).any() and (first.X[:40] != first.X_test[:40]).any()
    assert (first.masks.any(axis=(1, 2)) == (first.y == 1)).all()


def test_file_is_made_scarce_and_tested_on_its_own_part(tmp_path):
    medmnist(tmp_path / "a.npz")
    first, second = image_splits(tmp_path / "a.npz", n_minority=9, n_splits=2)
    assert first.y.sum() == 9 and len(first.X) == 9 + 80 + 6
    assert (first.X_test == second.X_test).all() and (first.X != second.X).any()
    (other,) = image_splits(tmp_path / "a.npz", minority="0", n_minority=9, n_splits=1)
    assert (other.y_test == 1 - first.y_test).all()
    for params, match in (({"minority": "7"}, "No class '7'"), ({"n_minority": 500}, "fewer")):
        with pytest.raises(ValueError, match=match):
            list(image_splits(tmp_path / "a.npz", **params))


@pytest.mark.parametrize(
    "strategy",
    ["repetition", "augmentation", "pixel_smote", "compositor", "compositor_augmentation"],
)
def test_strategies_level_the_classes_from_training_images_only(strategy):
    (split,) = image_splits(**{**SMALL, "n_splits": 1})
    made = new_images(strategy, split, 3)
    assert isinstance(made, NewImages) and made.images.shape == (44, 64, 64)
    assert (made.masks is not None) == (strategy == "compositor")
    assert made.images.dtype == np.uint8
    if strategy == "repetition":
        known = {image.tobytes() for image in split.X[split.y == 1]}
        assert all(image.tobytes() in known for image in made.images)
    assert new_images("none", split, 3) is None and new_images("class_weights", split, 3) is None


def test_every_cell_is_there_with_scores_between_0_and_1(result):
    assert len(result.cells) == 8
    for cell in result.cells:
        assert all(0 <= cell[name] <= 1 for name in ("auroc", "balanced_accuracy", "recall_95"))


def test_made_images_are_judged_next_to_real_ones():
    """Copies of test lesions cannot be told from them; white squares can."""
    split = tiny_split()
    judge = _Judge(split)
    wanted = ("c2st", "c2st_lesion", "c2st_reference", "c2st_lesion_reference", "closest_share")
    rare = split.y_test == 1
    same = judge(NewImages(split.X_test[rare], split.masks_test[rare]))
    assert all(0 <= same[name] <= 1 for name in wanted)
    assert judge(NewImages(split.X_test[rare], split.masks_test[rare])) == same
    white = np.full_like(split.X_test[rare], 255)
    other = judge(NewImages(white, split.masks_test[rare]))
    assert same["c2st"] < 0.8 < other["c2st"] and same["c2st_lesion"] < 0.8 < other["c2st_lesion"]
    assert set(judge(NewImages(white))) == set(wanted) - {"c2st_lesion", "c2st_lesion_reference"}


def test_summary_is_the_mean_of_paired_differences():
    cells = [
        {"seed": seed, "strategy": strategy, "learner": "cnn", "auroc": value,
         "balanced_accuracy": 0.5, "recall_95": 0.1, "seconds": 1.0}
        for strategy, values in (("none", (0.6, 0.7, 0.8)), ("compositor", (0.7, 0.81, 0.89)))
        for seed, value in enumerate(values)
    ]  # fmt: skip
    result = ImageBenchmarkResult(cells, {})
    none, better = result.summary()
    assert better["auroc"] == pytest.approx(0.8) and none["auroc_difference"] == 0
    assert better["auroc_difference"] == pytest.approx(0.1)
    # 4.303 is the 0.975 quantile of t with two degrees of freedom
    assert better["auroc_difference_half"] == pytest.approx(4.303 * 0.01 / np.sqrt(3), rel=1e-3)
    line = next(line for line in result.to_text().splitlines() if "given lesions" in line)
    assert "0.800" in line and line.count("*") == 1


def test_resumes_where_it_stopped(tmp_path, result):
    path, lines = tmp_path / "cells.jsonl", []
    half = {**QUICK, "strategies": ["none"]}
    run_image_benchmark(image_splits(**SMALL), **half, checkpoint=path)
    with path.open("a") as file:
        file.write('{"seed": 0, "strategy": "cl')  # killed in the middle of a line
    run_image_benchmark(image_splits(**SMALL), **QUICK, checkpoint=path, progress=lines.append)
    assert not any(line.startswith("seed 0, none") for line in lines) and len(lines) == 6
    scores = {(c["seed"], c["strategy"], c["learner"]): c.get("auroc") for c in result.cells}
    kept = [json.loads(line) for line in path.read_text().splitlines()]
    assert {(c["seed"], c["strategy"], c["learner"]): c.get("auroc") for c in kept} == scores


def test_files_are_written(tmp_path, result):
    pytest.importorskip("matplotlib")
    paths = result.save(tmp_path / "out")
    assert [path.name for path in paths] == [
        "table.txt", "cells.json", "summary.csv", "grid.png", "plot.png"
    ]  # fmt: skip
    assert all(path.stat().st_size > 100 for path in paths)


def test_crops_surround_lesions_and_stay_inside():
    images, masks = np.arange(2 * 40 * 40).reshape(2, 40, 40), np.zeros((2, 40, 40), bool)
    masks[0, 20, 20], masks[1, 0, 39] = True, True
    crops = _crops(images, masks)
    assert crops.shape == (2, 24, 24)
    assert (crops[0] == images[0, 8:32, 8:32]).all() and (crops[1] == images[1, :24, 16:]).all()


def test_command(tmp_path, capsys):
    medmnist(tmp_path / "a.npz")
    arguments = ["images", "--data", str(tmp_path / "a.npz"), "--n-minority", "9", "--seeds", "2",
                 "--strategies", "none,augmentation", "--learners", "boosting", "--quiet",
                 "--output", str(tmp_path / "out")]  # fmt: skip
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "augmentation" in out and "gradient boosting on PCA (2 seeds)" in out
    assert not (tmp_path / "out" / "unfinished.jsonl").exists()
    assert (tmp_path / "out" / "table.txt").exists()
    assert main(["images", "--list"]) == 0 and "deep_smote" in capsys.readouterr().out
    assert main(["images", "--strategies", "magic"]) == 2
    assert "No 'magic' here" in capsys.readouterr().err
    assert main(["images", "--masks", "x"]) == 2


@pytest.mark.parametrize(
    "params, match",
    [
        ({"n_minority": 0}, "n_minority == 0"),
        ({"n_splits": 0}, "n_splits == 0"),
        ({"n_test": 1}, "n_test == 1"),
        ({"n_samples": 20, "n_minority": 20}, "leaves no others"),
        ({"minority": "1"}, "from a path"),
        ({"masks": "x"}, "from a path"),
    ],
)
def test_splits_are_checked_when_they_are_asked_for(params, match):
    with pytest.raises(ValueError, match=match):
        image_splits(**params)


def test_files_that_cannot_be_compared(tmp_path):
    medmnist(tmp_path / "a.npz")
    with pytest.raises(ValueError, match="masks are for a folder"):
        image_splits(tmp_path / "a.npz", masks=tmp_path)
    arrays = dict(np.load(tmp_path / "a.npz"))
    np.savez(tmp_path / "b.npz", **{**arrays, "test_labels": arrays["test_labels"] * 0})
    with pytest.raises(ValueError, match="images of one class only"):
        image_splits(tmp_path / "b.npz", n_minority=9)


@pytest.mark.parametrize(
    "splits, params, match",
    [
        ([], {}, "no split"),
        ([0], {"strategies": "none"}, "list of names"),
        ([0], {"strategies": []}, "list of names"),
        ([0], {"strategies": ["none", "compositor"]}, "compositor needs masks"),
    ],
)
def test_nothing_is_left_out_silently(splits, params, match):
    split = tiny_split()
    without = ImageSplit(0, split.X, split.y, split.X_test, split.y_test)
    with pytest.raises(ValueError, match=match):
        run_image_benchmark(
            [without for _ in splits], **{**QUICK, "strategies": ["none"], **params}
        )


def test_cells_of_other_images_are_not_taken_up(tmp_path):
    """A run that was interrupted and begun anew with other images or steps."""
    params = {**QUICK, "strategies": ["none"], "checkpoint": tmp_path / "cells.jsonl"}
    (first, second), counts = image_splits(**SMALL), []
    other = ImageSplit(0, second.X, second.y, second.X_test, second.y_test)
    for split, max_steps in ((first, 3), (first, 3), (other, 3), (first, 4)):
        lines = []
        result = run_image_benchmark([split], **params, max_steps=max_steps, progress=lines.append)
        counts.append(len(lines))
        assert len(result.cells) == 1
    assert counts == [1, 0, 1, 1]


def test_few_and_tiny_images():
    """Fewer images, pixels and made images than principal components and folds."""
    split = tiny_split()
    kept = np.r_[np.flatnonzero(split.y == 1)[:2], np.flatnonzero(split.y == 0)[:30]]
    X, X_test = split.X[kept, 12:19, 12:19], split.X_test[:, 12:19, 12:19]
    small = ImageSplit(0, X, split.y[kept], X_test, split.y_test)
    result = run_image_benchmark([small], strategies=["repetition"], learners=["boosting"])
    assert 0 <= result.cells[0]["auroc"] <= 1 and "nan" not in result.to_text()
