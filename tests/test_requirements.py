"""Versions in setup.cfg and in the files of constraints agree, and name what is imported."""

import configparser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version
from test_architecture import CORE, GUESTS

ROOT = Path(__file__).resolve().parents[1]


def requirements():
    """Every requirement that setup.cfg names, by canonical name."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    texts = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    found = [Requirement(line) for line in lines]
    return [one for one in found if one.name != "skgensample"]


def pins(name):
    """Versions pinned in a constraints file."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {one.name.lower(): next(iter(one.specifier)) for one in found}


def test_imported_packages_are_declared():
    """A package that some room may import is a requirement."""
    of_import = {"sklearn": "scikit-learn", "imblearn": "imbalanced-learn", "PIL": "pillow"}
    declared = {requirement.name for requirement in requirements()}
    assert {of_import.get(name, name) for name in CORE | set(GUESTS)} <= declared


def test_lowest_versions_are_the_bounds():
    """`make test-min` tests exactly the lower bounds of setup.cfg, where it has one."""
    lowest = pins("constraints-min.txt")
    bounds = {
        requirement.name.lower(): {
            Version(one.version) for one in requirement.specifier if one.operator == ">="
        }
        for requirement in requirements()
    }
    assert all(bounds.values())
    assert {name: {Version(pin.version)} for name, pin in lowest.items()}.items() <= bounds.items()


def test_tested_versions_are_admitted():
    """constraints.txt pins every requirement, to a version that setup.cfg admits."""
    tested = pins("constraints.txt")
    assert all(pin.operator == "==" for pin in tested.values())
    for requirement in requirements():
        assert requirement.specifier.contains(tested[requirement.name.lower()].version)


def test_one_minimum_for_each_core_requirement():
    """Whatever a user may install is among the lowest versions tested."""
    lowest = pins("constraints-min.txt")
    tools = {
        "asv",
        "mypy",
        "ruff",
        "sphinx",
        "sphinx-design",
        "sphinx-gallery",
        "pydata-sphinx-theme",
    }
    assert {one.name.lower() for one in requirements()} - tools <= set(lowest)
