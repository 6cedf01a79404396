"""scikit-learn's and imbalanced-learn's checks on the samplers of images, on flat tables."""

import os
import warnings

import pytest
from imblearn.over_sampling import SMOTE
from sklearn.utils import get_tags
from test_common import checks_of, deep

from skgensample.images import AugmentationOversampler, LesionCompositor


def deep_smote():
    images = pytest.importorskip("skgensample.images")
    pytest.importorskip("torch")
    return images.DeepSMOTE(random_state=0, max_steps=3, latent_dim=4, batch_size=8)


def image_gan():
    images = pytest.importorskip("skgensample.images")
    pytest.importorskip("torch")
    return images.ImageGANOversampler(random_state=0, max_steps=3, latent_dim=4, batch_size=8)


MAKERS = {
    "augmentation": lambda: AugmentationOversampler(random_state=0),
    "compositor": lambda: LesionCompositor(random_state=0),
    "deep_smote": deep_smote,
    "image_gan": image_gan,
}
NETWORKS = ("deep_smote", "image_gan")
VIEWS = {"shallow": lambda sampler: sampler, "deep": deep}
CASES = [
    pytest.param(MAKERS[name], view, id=f"{name}-{depth}")
    for name in MAKERS
    for depth, view in VIEWS.items()
]


@pytest.mark.parametrize("make, view", CASES)
def test_all_checks(make, view):
    """Every check that imbalanced-learn's SMOTE meets, shallow and deep; all failures named."""
    checks = checks_of(view(make()))
    wanted = set(checks_of(SMOTE()))
    assert not get_tags(make()).input_tags.allow_nan
    assert wanted <= set(checks)
    failures = {}
    for name, (estimator, check) in checks.items():
        if "array_api" in name and not os.environ.get("SCIPY_ARRAY_API"):
            continue  # SciPy reads the switch when it is imported: see test_common
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            try:
                check(estimator)
            except pytest.skip.Exception:
                continue
            except Exception as error:
                failures[name] = f"{type(error).__name__}: {error}"
    assert not failures, "\n".join(f"{name}: {text}" for name, text in failures.items())
