"""Which tests of a sampler are left out of the fast run."""

from types import SimpleNamespace

import pytest

from conftest import (
    GENERATORS,
    ONE_NETWORK,
    REPRESENTATIVES,
    SAMPLERS,
    pytest_generate_tests,
    slow_except,
)

NAMES = [*SAMPLERS]


def chosen(marks, asked=None):
    """Samplers of a test with some marks: those of the fast run, and those that are slow."""
    found = []
    option = {"--sampler": asked}.get
    metafunc = SimpleNamespace(
        fixturenames=["sampler_name"],
        config=SimpleNamespace(getoption=option),
        definition=SimpleNamespace(get_closest_marker=marks.get),
        parametrize=lambda _, params: found.extend(params),
    )
    pytest_generate_tests(metafunc)
    slow = {p.values[0] for p in found if any(mark.name == "slow" for mark in p.marks)}
    return [p.values[0] for p in found if p.values[0] not in slow], slow


def test_representatives_are_samplers():
    assert set(REPRESENTATIVES) <= set(SAMPLERS)
    assert set(SAMPLERS) - set(GENERATORS) < set(ONE_NETWORK)
    assert set(ONE_NETWORK) & set(GENERATORS) == set(REPRESENTATIVES) & set(GENERATORS) != set()


def test_an_unmarked_test_is_fast_for_every_sampler():
    assert chosen({}) == (NAMES, set())


@pytest.mark.parametrize("fast", [("NumbaSMOTE",), REPRESENTATIVES])
def test_samplers_that_are_not_named_are_slow(fast):
    names, slow = chosen({"slow_except": slow_except(fast).mark})
    assert set(names) == set(fast) and slow == set(NAMES) - set(fast)


def test_a_sampler_that_is_asked_for_is_fast():
    """`pytest --sampler=NumbaADASYN` runs all of its tests."""
    marks = {"slow_except": slow_except(("NumbaSMOTE",)).mark}
    assert chosen(marks, ["NumbaADASYN"]) == (["NumbaADASYN"], set())


def test_slow_tests_are_left_out_unless_asked_for(pytestconfig):
    assert "not slow" in pytestconfig.getini("addopts")
