"""Images with known shapes, and a cheap instance of each sampler of images."""

import importlib.util

import pytest

from skgensample.datasets import make_lung_slices

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
