"""What every test may ask for: the samplers, data with known shapes, the shared data folder."""

import gc
import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

from contracts import blobs as make_blobs

HAS_TORCH = importlib.util.find_spec("torch") is not None
#: Folders with numba kernels.
KERNEL_ROOMS = ("search", "neighbors")
GENERATORS = (
    "GANOversampler", "WGANOversampler", "CTGANResampler", "CopulaGANResampler", "TVAEResampler",
    "AutoregressiveResampler",
)  # fmt: skip


#: Mark of tests about compiled kernels, which `make test-plain` turns off.
needs_kernels = pytest.mark.skipif(
    os.environ.get("SKGENSAMPLE_PLAIN", "") not in ("", "0"), reason="kernels are turned off"
)


def small_nets(name):
    """Parameters under which the networks of a sampler are small."""
    if name == "AutoregressiveResampler":
        return {"embedding_dim": 4, "hidden_dim": 8}
    tvae = name == "TVAEResampler"
    widths = (
        ("compress_dims", "decompress_dims") if tvae else ("generator_dim", "discriminator_dim")
    )
    return {"embedding_dim": 8, **dict.fromkeys(widths, (16,))}


def _of_neighbors(name, **params):
    """Maker of a sampler of the neighbours wing."""

    def make():
        import skgensample

        return getattr(skgensample, name)(random_state=0, **params)

    return make


def _of_generators(name, **params):
    """Maker of a sampler that trains small networks for a few steps."""

    def make():
        import skgensample

        return getattr(skgensample, name)(random_state=0, **params, **small_nets(name))

    return make


def _copula():
    import skgensample

    return skgensample.GaussianCopulaResampler(random_state=0)


def _trees():
    import skgensample

    return skgensample.SequentialTreesResampler(random_state=0)


def _peer():
    from imblearn.over_sampling import SMOTE

    return SMOTE(random_state=0)


#: A cheap instance of each sampler, with an int seed; called when a test needs one.
SAMPLERS = {
    "NumbaSMOTE": _of_neighbors("NumbaSMOTE"),
    "NumbaBorderlineSMOTE": _of_neighbors("NumbaBorderlineSMOTE"),
    "NumbaSVMSMOTE": _of_neighbors("NumbaSVMSMOTE"),
    "NumbaKMeansSMOTE": _of_neighbors("NumbaKMeansSMOTE"),
    "NumbaADASYN": _of_neighbors("NumbaADASYN"),
    "NumbaSMOTENC": _of_neighbors("NumbaSMOTENC", categorical_features=[0]),
    "NumbaSMOTEN": _of_neighbors("NumbaSMOTEN"),
    "NumbaRandomOverSampler": _of_neighbors("NumbaRandomOverSampler"),
    "NumbaRandomOverSampler-noise": _of_neighbors("NumbaRandomOverSampler", shrinkage=1.0),
    "SafeLevelSMOTE": _of_neighbors("SafeLevelSMOTE"),
    "GANOversampler": _of_generators("GANOversampler", max_steps=20, batch_size=32),
    "WGANOversampler": _of_generators("WGANOversampler", max_steps=20, batch_size=32),
    "CTGANResampler": _of_generators("CTGANResampler", max_steps=10, batch_size=20, pac=2),
    "CopulaGANResampler": _of_generators("CopulaGANResampler", max_steps=10, batch_size=20, pac=2),
    "TVAEResampler": _of_generators("TVAEResampler", max_steps=20, batch_size=32),
    "AutoregressiveResampler": _of_generators(
        "AutoregressiveResampler", max_steps=20, batch_size=32
    ),
    "GaussianCopulaResampler": _copula,
    "SequentialTreesResampler": _trees,
}
PEERS = {"SMOTE": _peer}

#: For `slow_except`: one sampler of each family; and all samplers, of the networks only those of
#: the first list, as networks take nearly all of the time.
REPRESENTATIVES = ("NumbaSMOTE", "NumbaSMOTENC", "CTGANResampler", "GaussianCopulaResampler")
ONE_NETWORK = tuple(
    name for name in [*SAMPLERS, *PEERS] if name not in GENERATORS or name in REPRESENTATIVES
)
#: A test of every sampler is slow for the samplers that are not named.
slow_except = pytest.mark.slow_except


def pytest_addoption(parser):
    parser.addoption(
        "--sampler",
        action="append",
        choices=[*SAMPLERS, *PEERS],
        help="run the sampler tests on this one only; SMOTE is imbalanced-learn's, to compare",
    )


def drop_stale_kernels(folder, *others):
    """Delete cached machine code of a folder that is older than one of its sources, or of others.

    numba compares a cached kernel with the kernel's own file, and not with the files of the helpers
    that were compiled into it: after a change there, the old code would be tested.
    """
    newest = max(path.stat().st_mtime_ns for path in [*folder.glob("*.py"), *others])
    for path in folder.glob("__pycache__/*.nb?"):
        if path.stat().st_mtime_ns < newest:
            path.unlink(missing_ok=True)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist starts its workers
def pytest_sessionstart(session):
    """Let no stale kernel be tested; a worker of pytest-xdist leaves that to its controller."""
    if not hasattr(session.config, "workerinput"):
        package = Path(importlib.util.find_spec("skgensample").origin).parent
        for room in KERNEL_ROOMS:
            drop_stale_kernels(package / room, package / "_runtime" / "jit.py")


@pytest.fixture(autouse=True, scope="module")
def quick_collections():
    """Leave what was imported so far out of garbage collection.

    Each fit of the benchmark begins with a full one: through all modules and thousands of tests it
    takes longer than the fit.
    """
    gc.collect()
    gc.freeze()


def selected_samplers(config):
    """Name, factory and marks of each sampler that this run tests."""
    no_torch = pytest.mark.skip(reason="torch is not installed")
    return [
        (name, make, [no_torch] if name in GENERATORS and not HAS_TORCH else [])
        for name, make in {**SAMPLERS, **PEERS}.items()
        if name in (config.getoption("--sampler") or SAMPLERS)
    ]


def slow_marks(config, name, fast):
    """The mark of a sampler's test that is not for the fast run; none if `--sampler` asks for it.

    Parameters
    ----------
    fast : sequence of str
        Samplers whose tests are fast.
    """
    asked = config.getoption("--sampler") or ()
    return [] if name in (*fast, *asked) else [pytest.mark.slow]


def pytest_generate_tests(metafunc):
    """Every test that asks for a `sampler_name` runs once for each sampler.

    Marked with `slow_except(names)`, it is slow for the samplers that are not named.
    """
    if "sampler_name" not in metafunc.fixturenames:
        return
    fast = metafunc.definition.get_closest_marker("slow_except")
    params = []
    for name, _, marks in selected_samplers(metafunc.config):
        slow = slow_marks(metafunc.config, name, fast.args[0]) if fast else []
        params.append(pytest.param(name, marks=[*marks, *slow]))
    metafunc.parametrize("sampler_name", params)


@pytest.fixture
def sampler(sampler_name):
    """A fresh, cheap, unfitted instance of one sampler, with an int seed."""
    return clone({**SAMPLERS, **PEERS}[sampler_name]())


@pytest.fixture(scope="session")
def shared_data():
    """Path of a file in the shared data folder, or a skip that says where it was looked for."""
    folder = os.environ.get("SKGENSAMPLE_DATA")
    root = Path(folder) if folder else Path(__file__).resolve().parents[2] / "shared" / "data"

    def path(name):
        if not (root / name).exists():
            pytest.skip(f"{name} is not in the data folder {root} (set SKGENSAMPLE_DATA)")
        return root / name

    return path


@pytest.fixture
def blobs():
    """60 + 20 rows of 4 floats, two overlapping classes, shuffled."""
    return make_blobs()


@pytest.fixture
def three_classes():
    """60 + 30 + 15 rows of 4 floats."""
    return make_blobs(counts=(60, 30, 15))


@pytest.fixture
def plain_frame():
    """The blobs as a pandas frame of floats with a Series of labels."""
    pd = pytest.importorskip("pandas")
    X, y = make_blobs()
    return pd.DataFrame(X, columns=["amount", "age", "hour", "risk"]), pd.Series(y, name="fraud")


@pytest.fixture
def mixed_frame():
    """A pandas frame with float, integer, bool, category and string columns, and its labels."""
    pd = pytest.importorskip("pandas")
    X, y = make_blobs()
    rng = np.random.RandomState(1)
    frame = pd.DataFrame(
        {
            "amount": np.exp(X[:, 0]),
            "visits": rng.poisson(3, len(y)),
            "foreign": rng.rand(len(y)) < 0.2,
            "channel": pd.Categorical(rng.choice(["chip", "online", "swipe"], len(y))),
            "country": rng.choice(["DE", "FR", "UK"], len(y)),
        }
    )
    return frame, pd.Series(y, name="fraud")


@pytest.fixture
def rng():
    """A seeded RandomState for data made inside a test."""
    return np.random.RandomState(0)


def random_of(seed=0):
    """Torch's generator of a seed; for tests that have torch."""
    import torch

    return torch.Generator().manual_seed(seed)
