"""Adam over flat buffers, against torch's own Adam on separate parameters."""

import copy

import pytest

torch = pytest.importorskip("torch")

from conftest import random_of
from skgensample.generators._training import optim
from skgensample.generators._training.optim import clipped_step, flat_adam, flatten_parameters


def two_layers(seed=0):
    kind = {"dtype": torch.float64}
    net = torch.nn.Sequential(torch.nn.Linear(3, 50, **kind), torch.nn.Linear(50, 1, **kind))
    with torch.no_grad():
        for weight in net.parameters():
            weight.uniform_(-1, 1, generator=random_of(seed))
    return net


def test_steps_are_those_of_torch(monkeypatch):
    """Rates, decay, betas, clipping and gradients; saved and put back."""
    monkeypatch.setattr(optim, "MAX_GRADIENT_NORM", 5.0)
    ours, theirs = two_layers(), two_layers()
    x = torch.rand(20, 3, generator=random_of(), dtype=torch.float64)
    optimizer = flat_adam(
        (ours[0].parameters(), 1e-2, 0.1), (ours[1].parameters(), 1e-3, 0.0), betas=(0.8, 0.99)
    )
    groups = [
        {"params": list(theirs[0].parameters()), "lr": 1e-2, "weight_decay": 0.1},
        {"params": list(theirs[1].parameters()), "lr": 1e-3, "weight_decay": 0.0},
    ]
    reference = torch.optim.Adam(groups, betas=(0.8, 0.99))
    for number in range(6):
        clipped_step(ours(x).square().mean() * 10**number, optimizer)
        assert not any(weight.grad.any() for weight in ours.parameters())
        reference.zero_grad()
        (theirs(x).square().mean() * 10**number).backward()
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 5.0)
        reference.step()
        for a, b in zip(ours.parameters(), theirs.parameters()):
            torch.testing.assert_close(a, b)
        if number == 3:
            saved = copy.deepcopy(optimizer.state_dict())
            weights = [weight.detach().clone() for weight in ours.parameters()]
    with torch.no_grad():
        for weight, before in zip(ours.parameters(), weights):
            weight.copy_(before)
    optimizer.load_state_dict(saved)
    for number in (4, 5):
        clipped_step(ours(x).square().mean() * 10**number, optimizer)
    for a, b in zip(ours.parameters(), theirs.parameters()):
        torch.testing.assert_close(a, b)


def test_parameters_and_gradients_are_views_of_the_buffer():
    """Values stay, every parameter starts on a cache line, and nothing overlaps."""
    net = two_layers()
    before = [weight.detach().clone() for weight in net.parameters()]
    flat = flatten_parameters(net.parameters())
    assert all(map(torch.equal, before, net.parameters()))
    starts = [weight.storage_offset() for weight in net.parameters()]
    assert starts == [0, 160, 224, 288] and flat.numel() == 304
    net(torch.ones(1, 3, dtype=torch.float64)).sum().backward()
    for weight in net.parameters():
        part = flat.grad[weight.storage_offset() :][: weight.numel()]
        assert weight.grad.any() and torch.equal(part.view_as(weight), weight.grad)
