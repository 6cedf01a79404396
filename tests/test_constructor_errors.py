"""Errors about constructor arguments name the class that was called."""

import importlib
import inspect
import pickle

import pytest
from sklearn.base import clone

import skgensample
from skgensample.base import BaseOverSampler

ROOMS = ("skgensample", "skgensample.base", "skgensample.benchmarking",
         "skgensample.model_selection")  # fmt: skip


def public_classes():
    """All classes that users call, by name; a mixin has no constructor."""
    rooms = map(importlib.import_module, ROOMS)
    found = {name: getattr(room, name) for room in rooms for name in room.__all__}
    return {
        name: kind
        for name, kind in found.items()
        if inspect.isclass(kind)
        and not issubclass(kind, BaseException)
        and kind.__init__ is not object.__init__
    }


CLASSES = public_classes()


@pytest.mark.parametrize("name", CLASSES)
def test_errors_name_the_class(name):
    with pytest.raises(TypeError, match=rf"^{name}\.__init__\(\) .*positional"):
        CLASSES[name](*range(50))
    with pytest.raises(TypeError, match=rf"^{name}\.__init__\(\) .*unknown_parameter"):
        CLASSES[name](unknown_parameter=1)


def test_subclasses_of_users_are_named_too():
    class Mine(skgensample.NumbaSMOTE):
        pass

    with pytest.raises(TypeError, match=r"Mine\.__init__\(\) takes 1 positional"):
        Mine(5)
    assert inspect.signature(Mine) == inspect.signature(skgensample.NumbaSMOTE)
    assert clone(Mine(k_neighbors=3)).get_params() == Mine(k_neighbors=3).get_params()


def test_copies_do_not_hide_the_constructor_of_a_second_base():
    """As without copies, the first class in the order of resolution that has one decides."""

    class Second(BaseOverSampler):
        def __init__(self, *, sampling_strategy="auto", random_state=None, depth=1):
            super().__init__(sampling_strategy=sampling_strategy, random_state=random_state)
            self.depth = depth

    class First(BaseOverSampler):
        pass

    class Both(First, Second):
        pass

    assert Both(depth=4).get_params() == {
        "sampling_strategy": "auto", "random_state": None, "depth": 4
    }  # fmt: skip


def test_samplers_are_as_before(sampler):
    kind = type(sampler)
    names = set(inspect.signature(kind).parameters)
    assert names == set(sampler.get_params(deep=False)) == set(kind._parameter_constraints)
    assert repr(pickle.loads(pickle.dumps(sampler))) == repr(sampler)
