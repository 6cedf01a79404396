"""Training is refused before it takes memory that is not there."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import skgensample as sg
from conftest import GENERATORS, small_nets
from skgensample._runtime import memory
from skgensample.generators._encoding.layout import Layout
from skgensample.generators._networks.critic import Critic
from skgensample.generators._networks.generator import Generator
from skgensample.generators._networks.masked import MaskedNetwork
from skgensample.generators._networks.vae import DecoderNetwork, EncoderNetwork
from skgensample.generators._training import memory as training_memory

NETWORKS = [name for name in GENERATORS if name not in ("GaussianCopulaResampler",)]


def weights_of(*nets):
    return sum(weight.numel() for net in nets for weight in net.parameters())


@pytest.fixture
def random():
    return torch.Generator().manual_seed(0)


@pytest.fixture
def data():
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [150, 50])
    return rng.normal(size=(200, 4)) + y[:, None], y


@pytest.mark.parametrize("hidden, critic", [((7,), (5,)), ((8, 3, 4), (6, 9))])
@pytest.mark.parametrize("n_conditions, pac", [(0, 1), (5, 1), (5, 10)])
def test_weights_of_adversarial_networks(hidden, critic, n_conditions, pac, random):
    size = training_memory.adversarial_size(11, hidden, critic, 13, n_conditions, pac)
    assert size.generating == weights_of(Generator(11, hidden, 13, n_conditions, random))
    assert size.other == weights_of(Critic(13, critic, n_conditions, pac, random))


@pytest.mark.parametrize("compress, decompress", [((7,), (5,)), ((8, 3, 4), (6, 9))])
def test_weights_of_an_autoencoder(compress, decompress, random):
    layout = Layout(4, (3, 5), False)
    size = training_memory.autoencoder_size(11, compress, decompress, (4, 12), 6)
    decoder = DecoderNetwork(decompress, 11, layout, 6, random)
    assert size.generating == weights_of(decoder)
    assert size.other == weights_of(EncoderNetwork(compress, 11, layout, 6, random))


@pytest.mark.parametrize("any_order", [False, True])
@pytest.mark.parametrize("n_layers", [1, 3])
def test_weights_of_a_masked_network(any_order, n_layers, random):
    n_inputs, n_codes = [2, 5, 6], [2, 4, 7]
    frequencies = [np.full(n, 1 / n) for n in n_codes]
    net = MaskedNetwork(
        n_inputs, n_codes, [None] * 3, frequencies, 8, 9, n_layers, 0.1, any_order, random
    )
    shape = 3, sum(n_inputs), sum(n_codes), 8, 9, n_layers, any_order
    assert training_memory.masked_size(*shape).generating == weights_of(net)


def huge(name):
    """Parameters with which networks take hundreds of GB."""
    if name == "AutoregressiveResampler":
        return {"hidden_dim": 10**5, "embedding_dim": 10**5}
    if name == "TVAEResampler":
        return {"compress_dims": (200_000, 200_000)}
    return {"generator_dim": (200_000, 200_000)}


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_too_large_are_refused_before_a_column_is_encoded(name, data, monkeypatch):
    sampler = getattr(sg, name)(**small_nets(name) | huge(name))

    def fail(*given):
        raise AssertionError

    monkeypatch.setattr(sampler, "_learn", fail)
    parameter = next(iter(huge(name)))
    with pytest.raises(MemoryError, match=rf"Training would need about [\d,]+ bytes .*{parameter}"):
        sampler.fit_resample(*data)


@pytest.mark.parametrize("name", NETWORKS)
def test_large_batches_are_refused(name, monkeypatch):
    """By what the machine has left: a batch is no larger than the table."""
    monkeypatch.setattr(memory, "NEVER_REFUSED", 0)
    y = (np.arange(150_000) % 3 == 0).astype(int)
    X = np.random.RandomState(0).normal(size=(150_000, 4)) + y[:, None]
    sampler = getattr(sg, name)(**small_nets(name), max_steps=1, early_stopping=False)
    monkeypatch.setattr(memory, "available_memory", lambda: 20_000_000)
    with pytest.raises(sg.MemoryLimitError, match=r"20,000,000 are available: .*batch_size"):
        sampler.set_params(batch_size=10**7).fit(X, y)
    assert sampler.set_params(batch_size=32).fit(X[:500], y[:500]).sample(3, y=1)[0].shape == (3, 4)


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "AutoregressiveResampler"])
def test_the_widest_column_is_named(name, monkeypatch):
    """Where the widths of hidden layers alone would fit."""
    pd = pytest.importorskip("pandas")
    y = np.arange(2_000) % 2
    X = pd.DataFrame({"amount": np.random.RandomState(0).normal(size=2_000) + y})
    X["shop"] = [f"shop {i // 8 % 250}" for i in range(2_000)]
    sampler = getattr(sg, name)(**small_nets(name), max_steps=1)
    asked, estimate = [], training_memory.TrainingSize.n_bytes

    def kept(*given):
        asked.append(estimate(*given))
        return asked[-1]

    monkeypatch.setattr(training_memory.TrainingSize, "n_bytes", kept)
    sampler.fit(X, y)
    monkeypatch.setattr(memory, "NEVER_REFUSED", 0)
    monkeypatch.setattr(memory, "available_memory", lambda: max(asked) - 1)
    with pytest.raises(sg.MemoryLimitError, match=r"column 'shop': leave out or group"):
        sampler.fit(X, y)
    assert max(asked) > min(asked)
