"""Contracts H: sampling strategies, seeds and the parameters of the algorithm."""

import numpy as np
import pytest
from sklearn.base import clone

from conftest import ONE_NETWORK, slow_except
from contracts import Contracts, blobs, judge, resample

CASES = contract = Contracts()

STRATEGY = "sampling_strategy|number of samples|ratio"


@slow_except(ONE_NETWORK)
@pytest.mark.parametrize("code", CASES)
def test_contract(code, sampler):
    judge(CASES[code], sampler)


@contract("H01", "error", "dict below the current count", cause="greater|number of samples")
def dict_below(sampler):
    resample(sampler, *blobs(), sampling_strategy={1: 10})


@contract("H02", "error", "dict names an absent class", cause="7.*class|class.*7")
def dict_absent(sampler):
    resample(sampler, *blobs(), sampling_strategy={7: 100})


@contract("H03", "error", "dict with a negative count", cause="negative")
def dict_negative(sampler):
    resample(sampler, *blobs(), sampling_strategy={1: -5})


@contract("H04", "error", "float above 1", cause=STRATEGY)
def ratio_above(sampler):
    resample(sampler, *blobs(), sampling_strategy=1.5)


@contract("H05", "error", "float below the current ratio", cause=STRATEGY)
def ratio_below(sampler):
    resample(sampler, *blobs(), sampling_strategy=0.1)


@contract("H06", "error", "float with three classes", cause="binary|multi-class")
def ratio_of_three(sampler):
    resample(sampler, *blobs((60, 30, 15)), sampling_strategy=0.8)


@contract("H07", "error", "callable returns a list", cause=STRATEGY + "|dict")
def callable_list(sampler):
    resample(sampler, *blobs(), sampling_strategy=list)


@contract("H08", "error", "unknown string", cause=STRATEGY)
def unknown_string(sampler):
    resample(sampler, *blobs(), sampling_strategy="most")


@contract("H09", "ok", "dict above the majority")
def dict_above(sampler):
    resample(sampler, *blobs(), counts={1: 150}, sampling_strategy={1: 150})


@contract("H10", "error", "dict with a fractional count", cause=STRATEGY + "|class|count")
def dict_fraction(sampler):
    resample(sampler, *blobs(), sampling_strategy={1: 40.5})


@contract("H11", "error", "NaN ratio", cause=STRATEGY + "|nan")
def nan_ratio(sampler):
    resample(sampler, *blobs(), sampling_strategy=float("nan"))


@contract("H12", "error", "dict of target counts in string labels, wrong key type", cause="class")
def wrong_keys(sampler):
    X, y = blobs()
    resample(sampler, X, np.array(["legit", "fraud"])[y], sampling_strategy={1: 60})


@contract("H13", "ok", "same int seed, same result")
def same_seed(sampler):
    first, _ = resample(sampler, *blobs(), random_state=3)
    second, _ = resample(sampler, *blobs(), random_state=3)
    assert first.tobytes() == second.tobytes()


@contract("H14", "ok", "different seeds differ")
def other_seed(sampler):
    first, _ = resample(sampler, *blobs(), random_state=3)
    second, _ = resample(sampler, *blobs(), random_state=4)
    assert not np.array_equal(first, second)


@contract("H15", "ok", "RandomState instance advances")
def instance_advances(sampler):
    X, y = blobs()
    rng = np.random.RandomState(0)
    advancing = clone(sampler)
    advancing.random_state = rng  # set_params after clone would work on a copy in `resample`
    first, _ = advancing.fit_resample(X, y)
    second, _ = advancing.fit_resample(X, y)
    assert not np.array_equal(first, second)
    again = clone(sampler).set_params(random_state=np.random.RandomState(0))
    assert np.array_equal(again.fit_resample(X, y)[0], first)


@contract("H16", "either", "numpy Generator as random_state", cause="random_state")
def generator_seed(sampler):
    first, _ = resample(sampler, *blobs(), random_state=np.random.default_rng(5))
    second, _ = resample(sampler, *blobs(), random_state=np.random.default_rng(6))
    assert not np.array_equal(first, second)


@contract("H17", "error", "random_state=-1", cause="random_state|seed")
def negative_seed(sampler):
    resample(sampler, *blobs(), random_state=-1)


@contract("H18", "error", "random_state='x'", cause="random_state|seed")
def text_seed(sampler):
    resample(sampler, *blobs(), random_state="x")


@contract("H19", "ok", "random_state=None varies")
def no_seed(sampler):
    first, _ = resample(sampler, *blobs(), random_state=None)
    second, _ = resample(sampler, *blobs(), random_state=None)
    assert not np.array_equal(first, second)


@contract("H20", "ok", "numpy's global RNG state left alone")
def numpy_state(sampler):
    _, before, position, *_ = np.random.get_state()
    resample(sampler, *blobs())
    _, after, position_after, *_ = np.random.get_state()
    assert np.array_equal(before, after) and position == position_after


@contract("H21", "ok", "torch's global RNG state left alone")
def torch_state(sampler):
    torch = pytest.importorskip("torch")
    before = torch.get_rng_state().clone()
    resample(sampler, *blobs())
    assert torch.equal(before, torch.get_rng_state())


def size_of_algorithm(sampler):
    """The parameter that reads "k" in the contracts: neighbours, or steps of training."""
    return "k_neighbors" if "k_neighbors" in sampler.get_params() else "max_steps"


@contract("H22", "error", "k or steps = 0", cause="k_neighbors|max_steps")
def zero_k(sampler):
    resample(sampler, *blobs(), **{size_of_algorithm(sampler): 0})


@contract("H23", "error", "k or steps = -1", cause="k_neighbors|max_steps")
def negative_k(sampler):
    resample(sampler, *blobs(), **{size_of_algorithm(sampler): -1})


@contract("H24", "error", "k or steps = 2.5", cause="k_neighbors|max_steps")
def fractional_k(sampler):
    resample(sampler, *blobs(), **{size_of_algorithm(sampler): 2.5})


@contract("H25", "error", "k or steps = '5'", cause="k_neighbors|max_steps")
def text_k(sampler):
    resample(sampler, *blobs(), **{size_of_algorithm(sampler): "5"})


@contract("H26", "either", "k or batch beyond the data", cause="k_neighbors|neighbo|batch_size")
def huge_k(sampler):
    """A generator would take its million steps, so there the batch is the larger number."""
    if size_of_algorithm(sampler) == "k_neighbors":
        resample(sampler, *blobs(), k_neighbors=10**6)
    else:
        resample(sampler, *blobs(), batch_size=10**4, max_steps=2)
