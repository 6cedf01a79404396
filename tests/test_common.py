"""scikit-learn's and imbalanced-learn's estimator checks on every sampler, shallow and deep.

scikit-learn's checks call `fit` and never `fit_resample`, so a sampler that validates nothing
passes them. "Deep" runs them again on a subclass whose `fit` does the real resampling.
"""

import functools
import os
import subprocess
import sys
import warnings
from functools import partial

import pytest
import sklearn
from imblearn.over_sampling import SMOTE
from imblearn.utils import estimator_checks as imblearn_checks
from sklearn.base import clone
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.fixes import parse_version

from conftest import ONE_NETWORK, selected_samplers, slow_marks
from skgensample import NumbaSMOTENC

#: imbalanced-learn calls these two by name, outside its generator.
BY_NAME = (
    imblearn_checks.check_param_validation,
    imblearn_checks.check_dataframe_column_names_consistency,
)


def deep(instance):
    """A copy of the sampler whose `fit` is `fit_resample`."""
    kind = type(instance)
    name = f"Deep{kind.__name__}"
    if globals().get(name, kind).__base__ is not kind:

        def fit(self, X, y):
            self.fit_resample(X, y)
            return self

        # in the module's namespace, or pickle would not find it
        globals()[name] = type(name, (kind,), {"fit": fit, "__module__": __name__})
    return globals()[name](**instance.get_params())


def checks_of(instance):
    """Id and call of each check that applies to an estimator, without a repetition."""
    by_name = [(clone(instance), partial(check, type(instance).__name__)) for check in BY_NAME]
    found = [
        *estimator_checks_generator(instance),
        *imblearn_checks.estimator_checks_generator(instance),
        *by_name,
    ]
    calls = {}
    for estimator, check in found:
        call = getattr(check, "func", check)
        options = getattr(check, "keywords", {})
        name = "-".join([call.__name__, *(f"{key}={value}" for key, value in options.items())])
        # older versions of the two libraries share some checks
        calls.setdefault(name, (estimator, check))
    return calls


def pytest_generate_tests(metafunc):
    """One test for each sampler, depth and check."""
    if "check_name" not in metafunc.fixturenames:
        return
    params = []
    for name, make, marks in selected_samplers(metafunc.config):
        slow = slow_marks(metafunc.config, name, ONE_NETWORK)
        for depth, view in {"shallow": lambda s: s, "deep": deep}.items():
            found = ["torch-missing"] if marks else checks_of(view(make()))
            ids = (f"{name}-{depth}-{check}" for check in found)
            params += [
                pytest.param(make, view, check, marks=[*marks, *slow], id=id_)
                for check, id_ in zip(found, ids)
            ]
    metafunc.parametrize("make, view, check_name", params)


def test_check(make, view, check_name, request):
    if "array_api" in check_name and not os.environ.get("SCIPY_ARRAY_API"):
        report = run_with_array_api(request.config.rootpath, *options_of(request.config))
        assert f"PASSED {request.node.nodeid}" in report, report
        return
    estimator, check = checks_of(view(make()))[check_name]
    with warnings.catch_warnings():
        # some checks feed classes of a few rows, which is worth a warning and no failure
        warnings.simplefilter("ignore", UserWarning)
        if check_name == "check_samplers_nan" and isinstance(estimator, NumbaSMOTENC):
            # the check's table has one column, and this sampler asks for columns of both kinds
            with pytest.raises(ValueError, match="only with categorical columns"):
                check(estimator)
            return
        check(estimator)


def options_of(config):
    """The choice of samplers and marks of this run, for another run."""
    samplers = config.getoption("--sampler") or ()
    return ["-m", config.getoption("-m"), *(f"--sampler={name}" for name in samplers)]


@functools.cache
def run_with_array_api(rootpath, *options):
    """Report of the array API checks in a new process: SciPy reads the switch when imported."""
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "-p", "no:xdist"]
    child = subprocess.run(
        [*command, "-k", "array_api", *options, __file__],
        cwd=rootpath,
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
        timeout=180,
    )
    return child.stdout + child.stderr


@pytest.mark.parametrize("view", [lambda s: s, deep], ids=["shallow", "deep"])
def test_no_check_is_dropped(sampler, view):
    """At least the checks that imbalanced-learn's SMOTE meets: 59 with scikit-learn 1.9."""
    found = checks_of(view(sampler))
    wanted = set(checks_of(SMOTE()))
    if get_tags(sampler).input_tags.allow_nan:
        # both libraries ask that a sampler refuses NaN, or else that it takes it
        wanted = wanted - {"check_estimators_nan_inf"} | {"check_samplers_nan"}
    assert set(found) >= wanted
    if parse_version(sklearn.__version__) >= parse_version("1.9"):
        assert len(found) >= 59


def test_deep_checks_reach_fit_resample(sampler):
    """A sampler that forgets all validation in fit_resample passes shallow and fails deep."""
    kind = type(sampler)
    careless = type(
        f"Careless{kind.__name__}", (kind,), {"fit_resample": lambda self, X, y: (X, y)}
    )
    broken = careless(**sampler.get_params())
    name = "check_complex_data"
    estimator, check = checks_of(broken)[name]
    check(estimator)
    estimator, check = checks_of(deep(broken))[name]
    with pytest.raises(AssertionError):
        check(estimator)
