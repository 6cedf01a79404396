"""Adam over weights side by side, and products in a narrower width than sums."""

import copy

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from conftest import random_of  # noqa: E402
from skgensample.compiling import compiled  # noqa: E402
from skgensample.generators import _descent, _products  # noqa: E402
from skgensample.generators._adam import add_up, sum_types  # noqa: E402
from skgensample.generators._adversarial import Batch, TwoPlayerStep, Wasserstein  # noqa: E402
from skgensample.generators._beside import helper  # noqa: E402
from skgensample.generators._descent import Adam, advance, as_one, descend  # noqa: E402
from skgensample.generators._encoding import Layout  # noqa: E402
from skgensample.generators._nets import Critic, Generator, Head  # noqa: E402
from skgensample.generators._scope import one_thread  # noqa: E402

LAYOUT = Layout(3, (2, 4, 4), False)


@pytest.fixture
def narrow_products(monkeypatch):
    """Products in bfloat16, which every processor can do, be it slowly."""
    monkeypatch.setattr(_products, "_has_narrow_products", lambda: True)


@pytest.fixture
def wide_products(monkeypatch):
    monkeypatch.setattr(_products, "_has_narrow_products", lambda: False)


def two_layers(seed=0):
    kind = {"dtype": torch.float64}
    net = torch.nn.Sequential(torch.nn.Linear(3, 50, **kind), torch.nn.Linear(50, 1, **kind))
    with torch.no_grad():
        for weight in net.parameters():
            weight.uniform_(-1, 1, generator=random_of(seed))
    return net


@pytest.mark.parametrize("with_helper", [False, True])
@pytest.mark.parametrize("many", [0, 10**9], ids=["halves", "whole"])
@pytest.mark.parametrize("elsewhere", [False, True], ids=["cpu", "other devices"])
def test_steps_are_those_of_torch(monkeypatch, elsewhere, many, with_helper):
    """Rates, decay, betas, clipping and gradients, in halves and whole, saved and put back."""
    if elsewhere:
        monkeypatch.setattr(_descent, "moving", lambda *tensors: None)
    monkeypatch.setattr(_descent, "MANY", many)
    monkeypatch.setattr(_descent, "LARGEST_GRADIENT", 5.0)
    ours, theirs = two_layers(), two_layers()
    x = torch.rand(20, 3, generator=random_of(), dtype=torch.float64)
    optimizer = Adam(
        (ours[0].parameters(), 1e-2, 0.1), (ours[1].parameters(), 1e-3, 0.0), betas=(0.8, 0.99)
    )
    groups = [
        {"params": list(theirs[0].parameters()), "lr": 1e-2, "weight_decay": 0.1},
        {"params": list(theirs[1].parameters()), "lr": 1e-3, "weight_decay": 0.0},
    ]
    reference = torch.optim.Adam(groups, betas=(0.8, 0.99))
    for number in range(6):
        with one_thread(), helper(with_helper):
            descend(ours(x).square().mean() * 10**number, optimizer)
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
        descend(ours(x).square().mean() * 10**number, optimizer)
    for a, b in zip(ours.parameters(), theirs.parameters()):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("betas", [(0.5, 0.9), (0.9, 0.999)])
def test_single_precision_is_that_of_torch_fused_adam(betas):
    """Over many steps, and the sum of two gradients is a sum."""
    weight = torch.nn.Parameter(torch.randn(1_003, generator=random_of()))
    theirs = torch.nn.Parameter(weight.detach().clone())
    reference = torch.optim.Adam(
        [theirs], lr=1e-2, betas=betas, eps=_descent.EPSILON, weight_decay=1e-3, fused=True
    )
    optimizer = Adam(([weight], 1e-2, 1e-3), betas=betas)
    for number in range(300):
        grad, other = torch.randn(2, 1_003, generator=random_of(number)) * 10.0 ** (number % 5 - 3)
        theirs.grad = grad + other
        weight.grad.copy_(grad)
        squares = compiled(add_up, sum_types(np.dtype("f4")))(weight.grad.numpy(), other.numpy())
        assert squares == pytest.approx(float(theirs.grad.square().sum()), rel=1e-4)
        torch.testing.assert_close(weight.grad, theirs.grad, rtol=0, atol=0)
        optimizer.step()
        reference.step()
        assert not weight.grad.any()
    torch.testing.assert_close(weight, theirs, rtol=1e-5, atol=1e-7)


def test_a_sum_of_squares_that_is_not_clearly_small_is_not_relied_on():
    """Gradients are clipped as without it; NaN does not hide them."""
    lengths = []
    for squares in (None, 1e4, float("nan"), float("inf")):
        weight = torch.nn.Parameter(torch.zeros(4))
        optimizer = Adam(([weight], 1e-2, 0.0))
        weight.grad.fill_(1e6)
        advance(optimizer, squares)
        lengths.append(optimizer.state_dict()["moments"][0][0].norm().item())
    assert lengths == pytest.approx([50.0] * 4)  # half of the largest


def players(random):
    generator = Generator(6, (16, 16), LAYOUT.width, 3, random)
    critic = Critic(LAYOUT.width, (16, 16), 3, 2, random)
    batch = Batch(
        torch.randn(40, 3, generator=random),
        torch.randint(2, (40, 3), generator=random),
        torch.randint(3, (40, 1), generator=random),
    )
    optimizers = [Adam((net.parameters(), 1e-2, 0.0), copies=True) for net in (critic, generator)]
    return TwoPlayerStep(
        generator, critic, Head(LAYOUT), Wasserstein(), lambda random: batch, optimizers, random
    )


def copies_follow(step):
    weights = [weight for net in step.nets for weight in net.parameters()]
    return all(torch.equal(weight.thin, weight.bfloat16()) for weight in weights)


def test_narrow_copies_follow_the_weights(narrow_products):
    """After the first weights, after each step, and after a return to earlier weights."""
    step = players(random_of())
    assert copies_follow(step)
    before = step.state()
    for _ in range(3):
        step()
        assert copies_follow(step)
    step.load(before)
    assert copies_follow(step)
    assert not any(hasattr(weight, "thin") for weight in step.candidate().parameters())


def test_no_copies_where_products_are_not_narrow(wide_products):
    step = players(random_of())
    step()
    assert not any(hasattr(w, "thin") for net in step.nets for w in net.parameters())


def gradients(seed=0):
    """Losses and all gradients of one step from the same weights and draws."""
    step, found = players(random_of(seed)), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Adam,
            "step",
            lambda self: found.extend(g["params"][0].grad.clone() for g in self.param_groups),
        )
        losses = step()
    assert len(found) == 2
    return losses, found


def test_gradients_of_narrow_products_are_nearly_those_of_wide_ones(monkeypatch):
    """In direction and length, by the median: now and then a unit of a small network turns."""
    off = []
    for seed in range(9):
        found = []
        for has_narrow in (False, True):
            monkeypatch.setattr(_products, "_has_narrow_products", lambda has=has_narrow: has)
            found.append(gradients(seed))
        (wide_losses, wide), (narrow_losses, narrow) = found
        torch.testing.assert_close(narrow_losses, wide_losses, rtol=0.03, atol=0.03)
        assert not any(map(torch.equal, narrow, wide))
        off.append([float((a - b).norm() / b.norm()) for a, b in zip(narrow, wide)])
    assert np.median(off, axis=0).max() < 0.03 and np.max(off) < 0.5


@pytest.mark.filterwarnings("ignore:TF32")
def test_products_are_wide_where_their_library_is_switched_off(monkeypatch):
    monkeypatch.setattr(_products, "_processor_has_bfloat16", lambda: True)
    x = torch.rand(3, 2)
    assert _products.narrowest(x) == torch.bfloat16
    assert _products.narrowest(x.double()) == torch.float64
    with torch.backends.mkldnn.flags(enabled=False):
        assert _products.narrowest(x) == torch.float32


def test_double_weights_are_not_multiplied_by_their_narrow_copies(narrow_products):
    net = torch.nn.Linear(3, 4, bias=False)
    as_one(net.parameters(), copies=True)
    assert net.weight.thin.dtype == torch.bfloat16
    x = torch.rand(5, 3, dtype=torch.float64)
    assert _products._pair(x, net.double().weight)[1] is net.weight


def test_jobs_of_a_step_do_not_depend_on_the_helper(narrow_products):
    found = []
    for with_helper in (False, True):
        step = players(random_of())
        with one_thread(), helper(with_helper):
            for _ in range(3):
                step()
        found.append([w.detach().clone() for net in step.nets for w in net.parameters()])
    torch.testing.assert_close(*found, rtol=0, atol=0)
