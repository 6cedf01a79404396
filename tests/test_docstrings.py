"""Docstrings are contracts: complete, in step with the signature, and their examples run."""

import ast
import dataclasses
import doctest
import importlib
import importlib.util
import inspect
import pkgutil
import re
import textwrap
from pathlib import Path

import pytest
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate
from sklearn.datasets import make_classification

ROOMS = (
    "skgensample",
    "skgensample.benchmarking",
    "skgensample.cli",
    "skgensample.constraints",
    "skgensample.datasets",
    "skgensample.distributed",
    "skgensample.images",
    "skgensample.metrics",
    "skgensample.model_selection",
    "skgensample.neighbors",
    "skgensample.plotting",
)

#: numpydoc's checks that hold for every public object.
CHECKS = {
    "GL03", "GL05", "GL06", "GL07", "GL08", "GL09",
    "SS01", "SS02", "SS03", "SS04", "SS06",
    "PR01", "PR02", "PR03", "PR04", "PR05", "PR06", "PR07", "PR08", "PR09", "PR10",
    "RT01", "RT03", "RT04", "RT05", "YD01",
}  # fmt: skip

#: Packages that the examples of a room need.
NEEDS = {
    "benchmarking": ("pandas",),
    "cli": ("pandas",),
    "constraints": ("pandas",),
    "datasets": ("pandas",),
    "distributed": ("dask", "pyarrow"),
    "generators": ("torch",),
    "plotting": ("matplotlib",),
}


def public_objects():
    """Classes and functions in the rooms' `__all__`, by full name, each once."""
    found = {}
    for room in ROOMS:
        module = importlib.import_module(room)
        for name in module.__all__:
            if name in lazy_names() and importlib.util.find_spec("torch") is None:
                continue
            thing = getattr(module, name)
            if inspect.isclass(thing) or inspect.isfunction(thing):
                found.setdefault(thing, f"{room}.{name}")
    return {path: thing for thing, path in found.items()}


def lazy_names():
    """Names of the torch wing."""
    return importlib.import_module("skgensample")._NEEDS_TORCH


OBJECTS = public_objects()


def is_exception(thing):
    return inspect.isclass(thing) and issubclass(thing, BaseException)


def public_methods(path, kind):
    """Methods that users call, written in this package, by full name."""
    return {
        f"{path}.{name}": member
        for name, member in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and member.__module__.startswith("skgensample")
    }


DOCUMENTED = {
    **{path: thing for path, thing in OBJECTS.items() if not is_exception(thing)},
    **{
        full: method
        for path, thing in OBJECTS.items()
        if inspect.isclass(thing) and not is_exception(thing)
        for full, method in public_methods(path, thing).items()
    },
}
#: Those that take a table in memory, and a seed; `DaskResampler` takes a sampler.
SAMPLERS = {
    path: thing
    for path, thing in OBJECTS.items()
    if hasattr(thing, "fit_resample") and hasattr(thing, "_parameter_constraints")
}
WITH_EXAMPLES = {
    path: thing
    for path, thing in OBJECTS.items()
    if not is_exception(thing) and not dataclasses.is_dataclass(thing)
}


def sections(thing):
    """Sections of a docstring that are not empty."""
    return {name for name, text in NumpyDocString(inspect.getdoc(thing)).items() if text}


@pytest.mark.parametrize("path", DOCUMENTED)
def test_numpydoc(path):
    faults = [f"{code}: {text}" for code, text in validate(path)["errors"] if code in CHECKS]
    assert not faults, "\n".join([path, *faults])


@pytest.mark.parametrize("path", DOCUMENTED)
def test_defaults_in_text_and_signature_agree(path):
    """`name : type, default=value` says what the signature says."""
    thing = DOCUMENTED[path]
    text = {p.name: p.type for p in NumpyDocString(inspect.getdoc(thing))["Parameters"]}
    for name, parameter in inspect.signature(thing).parameters.items():
        if parameter.default is parameter.empty or "factory" in repr(parameter.default):
            continue
        kind = next((kind for names, kind in text.items() if name in names.split(", ")), "")
        if kind == "None":  # accepted for the sake of an interface, and not used
            continue
        stated = re.search(r"default=(.+)$", kind)
        assert stated, f"{path}: no default of {name}"
        assert plain(stated[1]) == parameter.default, f"{path}: default of {name}"


def plain(text):
    """The value that a docstring states: a literal, or a bare word for a string."""
    text = text.strip("`")
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


@pytest.mark.parametrize("path", SAMPLERS)
def test_samplers_say_all(path):
    """A sampler tells its idea, what it keeps, where it comes from and its kin."""
    wanted = {"Parameters", "Attributes", "See Also", "Notes", "References", "Examples"}
    assert wanted <= sections(SAMPLERS[path])
    assert len(NumpyDocString(inspect.getdoc(SAMPLERS[path]))["Extended Summary"]) > 0


@pytest.mark.parametrize("path", SAMPLERS)
def test_fitted_attributes_are_documented(path):
    """What a sampler has after `fit_resample` is what its Attributes section says."""
    kind = SAMPLERS[path]
    quick = {"max_steps": 2} if "max_steps" in inspect.signature(kind).parameters else {}
    X, y = make_classification(n_samples=80, weights=[0.7], random_state=0)
    if path.endswith("NumbaSMOTENC"):
        quick["categorical_features"] = [0]
    sampler = kind(random_state=0, **quick)
    sampler.fit_resample(X, y)
    fitted = {name for name in vars(sampler) if name.endswith("_") and not name.startswith("_")}
    text = NumpyDocString(inspect.getdoc(kind))["Attributes"]
    documented = {name for p in text for name in p.name.split(", ")}
    assert fitted <= documented
    assert documented - fitted <= {"feature_names_in_", "effective_share_"}


@pytest.mark.parametrize("path", WITH_EXAMPLES)
def test_examples_run(path, tmp_path, monkeypatch):
    thing = WITH_EXAMPLES[path]
    for module in NEEDS.get(thing.__module__.split(".")[1], ()):
        pytest.importorskip(module)
    monkeypatch.chdir(tmp_path)
    tests = [t for t in doctest.DocTestFinder(recurse=False).find(thing, path) if t.examples]
    assert tests, f"{path} has no example"
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE, verbose=False)
    for test in tests:
        runner.run(test, out=report.append)
    assert not runner.failures, "".join(report)


ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(path for path in (ROOT / "doc").rglob("*.rst") if ">>> " in path.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_guide_examples_run(page):
    pytest.importorskip("pandas")
    failures, _ = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert not failures


@pytest.mark.slow
def test_readme_examples_run(capsys):
    """The README's snippets, one after the other, as a reader would paste them."""
    for module in ("pandas", "torch"):
        pytest.importorskip(module)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    snippets = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(snippets) >= 2
    names = {}
    for snippet in snippets:
        exec(compile(snippet, "README.md", "exec"), names)
    assert capsys.readouterr().out.count("[") >= 2


def test_architecture_example_is_a_sampler():
    """The sampler that doc/architecture.rst shows passes the checks of a real one."""
    text = (ROOT / "doc" / "architecture.rst").read_text(encoding="utf-8")
    block = re.search(r"( +)from skgensample\.base import.*?(?=\n\S)", text, flags=re.DOTALL)[0]
    names = {"__name__": "example"}
    exec(textwrap.dedent(block), names)
    sampler = names["JitterOversampler"](random_state=0, sampling_strategy=0.5)
    X, y = make_classification(n_samples=90, weights=[0.8], random_state=0)
    X_all, y_all = sampler.fit_resample(X, y)
    assert (X_all[: len(X)] == X).all()
    assert sum(y_all == 1) == sum(y == 0) // 2
    assert (sampler.fit_resample(X, y)[0] == X_all).all()


def test_rooms_are_complete():
    """Every public room of the package is looked at."""
    package = importlib.import_module("skgensample")
    rooms = {f"skgensample.{m.name}" for m in pkgutil.iter_modules(package.__path__)}
    internal = {
        "_runtime", "_sampling_strategy", "_suggestions", "_synthesize", "_typing", "base",
        "exceptions", "generators", "persistence", "report", "search", "table", "warmup",
        "__main__",
    }  # fmt: skip
    assert rooms - {f"skgensample.{name}" for name in internal} == set(ROOMS) - {"skgensample"}
