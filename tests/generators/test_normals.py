"""Standard normal numbers of networks: the kernel, what it is told, what its numbers are like."""

import numpy as np
import pytest
from scipy import stats

torch = pytest.importorskip("torch")

import naive  # noqa: E402
from conftest import random_of  # noqa: E402
from skgensample.compiling import compiled  # noqa: E402
from skgensample.generators._normals import (  # noqa: E402
    LANES,
    PAIRS,
    draw_normals,
    normals_types,
    standard_normals,
)

SINGLE = torch.float32


def drawn(n, seed=0):
    return standard_normals((n,), random_of(seed), SINGLE).numpy()


def test_bits_are_those_of_the_generator_by_its_authors():
    """Those from 1, 2, 3, 4 that implementations of it are checked with."""
    state = [1, 2, 3, 4]
    wanted = [641, 1_573_767, 3_222_811_527, 3_517_856_514, 836_907_274, 4_247_214_768]
    assert [naive.next_bits(state) for _ in wanted] == wanted


def test_numbers_are_those_of_the_plain_twin(rng):
    words = rng.randint(0, 2**32, (4, LANES), dtype=np.uint32)
    # shares next to 0 and to 1: numbers far out, and at 0
    words[:, 0], words[:, 1] = (0, 1, 0, 0), (0, 1, 0, 2**25 - 1)
    wanted, out = naive.standard_normals(words, 40), np.empty(40 * PAIRS, np.float32)
    compiled(draw_normals, normals_types())(words.copy(), out)
    radius = np.hypot(*wanted.reshape(-1, 2, LANES).swapaxes(0, 1)).repeat(2, axis=0).ravel()
    # a share next to 1 is known to a part in 2 ** 24, and with it the smallest of radii
    assert np.all(np.abs(out - wanted) < 1e-6 * radius + np.minimum(2**-24 / radius, 4e-4))
    assert out[0] < -6.5


def test_states_go_on(rng):
    words = rng.randint(0, 2**32, (4, LANES), dtype=np.uint32)
    code, whole = compiled(draw_normals, normals_types()), np.empty(6 * PAIRS, np.float32)
    code(words.copy(), whole)
    parts, going = np.empty((2, 3 * PAIRS), np.float32), words.copy()
    for part in parts:
        code(going, part)
    np.testing.assert_array_equal(parts.ravel(), whole)


def test_moments_and_distribution():
    x = drawn(2_000_000).astype(float)
    for power, moment in enumerate([0, 1, 0, 3, 0, 15, 0, 105], start=1):
        powers = x**power
        assert abs(powers.mean() - moment) < 4 * powers.std() / np.sqrt(len(x)), power
    assert stats.kstest(x, "norm").pvalue > 0.01
    for far in (3.0, 4.0, 4.5):
        share = np.mean(np.abs(x) > far)
        wanted = 2 * stats.norm.sf(far)
        assert abs(share - wanted) < 4 * np.sqrt(wanted / len(x)), far


@pytest.mark.parametrize("apart", [1, 2, LANES - 1, LANES, LANES + 1, PAIRS, 2 * PAIRS, 128 * 128])
def test_numbers_do_not_know_each_other(apart):
    """Of a pair, of a generator, of neighbours: neither the numbers nor their squares."""
    x = drawn(1_000_000, seed=apart).astype(float)
    for y in (x, x**2, np.sign(x)):
        assert abs(np.corrcoef(y[apart:], y[:-apart])[0, 1]) < 4 / np.sqrt(len(x) - apart)


def test_numbers_of_two_calls_do_not_know_each_other():
    random = random_of()
    first, second = (standard_normals((500_000,), random, SINGLE).numpy() for _ in range(2))
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(len(first))
    assert not np.isin(first[:1_000], second).all()


@pytest.mark.parametrize("shape", [(0, 4), (1,), (3, 85), (2, 128), (257,), (5, 7, 11)])
def test_shapes(shape):
    found = standard_normals(shape, random_of(), SINGLE)
    assert found.shape == shape and found.dtype == SINGLE and found.is_contiguous()
    np.testing.assert_array_equal(found.numpy().ravel(), drawn(2_000)[: found.numel()])


def test_same_numbers_from_the_same_state_of_the_source():
    random = random_of()
    standard_normals((300,), random, SINGLE)
    state = random.get_state()
    first = standard_normals((300,), random, SINGLE)
    assert not torch.equal(first, standard_normals((300,), random, SINGLE))
    random.set_state(state)
    assert torch.equal(first, standard_normals((300,), random, SINGLE))


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16])
def test_other_widths_are_drawn_by_torch(kind):
    found = standard_normals((40, 3), random_of(), kind)
    assert torch.equal(found, torch.empty((40, 3), dtype=kind).normal_(generator=random_of()))


def test_defaults_of_torch_do_not_matter():
    wanted = drawn(1_000)
    torch.set_default_dtype(torch.float64)
    try:
        np.testing.assert_array_equal(drawn(1_000), wanted)
    finally:
        torch.set_default_dtype(torch.float32)
    with torch.device("meta"):
        np.testing.assert_array_equal(drawn(1_000), wanted)
