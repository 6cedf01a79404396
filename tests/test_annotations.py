"""Public functions have types, and `make lint` checks examples of their use."""

import importlib
import inspect
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def unannotated(function):
    """Parameters, and the result, that have no type; self and cls need none."""
    signature = inspect.signature(function)
    bare = [
        name
        for place, (name, one) in enumerate(signature.parameters.items())
        if one.annotation is one.empty and not (place == 0 and name in {"self", "cls"})
    ]
    return bare + ["return"] * (signature.return_annotation is signature.empty)


def public_functions():
    """Functions, constructors and methods of public names, each once, by full name."""
    found = {}
    for name in PUBLIC:
        module = importlib.import_module(f"skgensample.{name}".rstrip("."))
        for thing in (getattr(module, one) for one in module.__all__):
            if inspect.isfunction(thing):
                found[f"{thing.__module__}.{thing.__qualname__}"] = thing
            elif inspect.isclass(thing) and not issubclass(thing, BaseException):
                found.update(own_methods(thing))
    return found


def own_methods(kind):
    """Constructor and public methods that a class has from this package."""
    found = {}
    for one in kind.__mro__:
        if not one.__module__.startswith("skgensample"):
            continue
        for name, member in vars(one).items():
            member = getattr(member, "__func__", getattr(member, "fget", member))
            if inspect.isfunction(member) and (name == "__init__" or not name.startswith("_")):
                found[f"{one.__module__}.{one.__qualname__}.{name}"] = member
    return found


#: Rooms whose names users write.
PUBLIC = ("", "benchmarking", "cli", "datasets", "metrics", "model_selection", "neighbors",
          "plotting")  # fmt: skip


def test_public_surface_is_annotated():
    """Every parameter and result of a public function has a type; mypy looks at the types."""
    functions = public_functions()
    assert len(functions) > 80
    faults = {name: unannotated(function) for name, function in functions.items()}
    assert not {name: bare for name, bare in faults.items() if bare}
    assert unannotated(lambda x: x) == ["x", "return"]


def test_type_examples_run_the_checker_over_mistakes():
    """tests/typing_examples.py is checked in `make lint`, with errors that must be found."""
    config = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '"tests/typing_examples.py"' in config and "warn_unused_ignores = true" in config
    assert "/mypy\n" in (ROOT / "Makefile").read_text(encoding="utf-8")
    text = (ROOT / "tests" / "typing_examples.py").read_text(encoding="utf-8")
    assert text.count("type: ignore[") >= 10
