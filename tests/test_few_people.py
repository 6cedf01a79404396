"""Columns of people in small tables and of few levels: invented under ``personal="fake"``."""

import numpy as np
import pandas as pd
import pytest
from personal_tables import LOCALES, ordinary_table

from skgensample import NumbaRandomOverSampler, SequentialTreesResampler, table_schema

pytest.importorskip("faker")

FIRST = "Anna Peter Maria Hans Julia Paul Laura Karl Sophie Max Eva Otto Lena Emil Clara".split()
LAST = "Meier Huber Gruber Falk Dorn Bach Ceder Eiche Igel Jung Amsel Krug Lang Moor Nolte".split()
PEOPLE = [f"{a} {LAST[(i + 3) % 15]}" for i, a in enumerate(FIRST)]
MORE = [f"{FIRST[i % 15]} {LAST[(i // 15 + 2 * i) % 15]}" for i in range(40)]
CELLS = {
    "Name": lambda i: PEOPLE[i],
    "iban": lambda i: f"DE{10 + i}370400440532{i:06d}",  # no check digits
    "phone": lambda i: f"{i}55-0{i}",
    "address": lambda i: f"{LAST[i]}weg {i + 1}, Musterstadt",
    "customer_id": lambda i: f"C{i}",
    "email": lambda i: f"{FIRST[i]} at home",
    "x7": lambda i: PEOPLE[i],
    "c8": lambda i: f"{FIRST[i].lower()}@mail.example",
    "ref": lambda i: f"Z-{i}-{LAST[i]}",
}
WORDS = "client patient employee Kunde cliente holder owner beneficiary person user".split()


def table(name, cells):
    """A column beside two ordinary ones, and a target of two classes."""
    n = len(cells)
    X = pd.DataFrame({name: cells, "age": 20 + np.arange(n) % 50, "sum": np.arange(n) / 7})
    return X, np.where(np.arange(n) % 3 == 0, "b", "a")


def copied(name, cells):
    """Which given values of a column are among new ones."""
    X, y = table(name, cells)
    sampler = NumbaRandomOverSampler(personal="fake", random_state=0)
    rows, _ = sampler.fit_resample(X, y)
    return set(rows[name][sampler.is_synthetic_]) & set(cells)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("n_cells", [15, 60, 500])
def test_fifteen_people_are_invented_in_any_number_of_rows(name, n_cells):
    if name in ("ref", "email") and n_cells > 15:
        return  # codes and texts that repeat, under such names, are categories
    cells = [CELLS[name](i % 15) for i in range(n_cells)]
    assert table_schema(table(name, cells)[0])[name].kind in ("personal", "identifier", "text")
    assert not copied(name, cells)


@pytest.mark.parametrize("name", ["Name", "customer_id", "iban"])
def test_a_synthetic_table_of_fifteen_rows(name):
    cells = [CELLS[name](i) for i in range(15)]
    X, _ = table(name, cells)
    model = SequentialTreesResampler(personal="fake", random_state=0).fit(X)
    assert not set(model.sample(15)[0][name]) & set(cells)


def test_a_column_with_many_missing_names():
    cells = [PEOPLE[i] if i < 15 else None for i in range(40)]
    assert not copied("Name", cells) - {None}


@pytest.mark.parametrize("name", WORDS)
def test_words_for_people_above_full_names(name):
    assert not copied(name, [MORE[i % 40] for i in range(500)])
    assert not copied(name, [PEOPLE[i % 3] for i in range(60)])
    for levels in (
        ["A", "B", "retail"],
        ["New Client", "Old Client", "Lost Client"],
        ["yes", "no"],
    ):
        X, _ = table(name, [levels[i % len(levels)] for i in range(500)])
        assert table_schema(X)[name].kind in ("category", "flag")


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("street", ["paved", "gravel"]),
        ("contact", ["cellular", "telephone"]),
        ("passport", ["yes", "no"]),
        ("state", ["North Carolina", "New Mexico", "New York", "South Dakota"]),
        ("status", ["Never Married", "Was Married", "Widowed"]),
        ("product", ["Office Chair", "Standing Desk", "Desk Lamp"]),
        ("size", ["1-2 rooms", "3 rooms", "4+ rooms"]),
        ("login", ["mobile", "web"]),
        ("Name", ["n/a", "x"]),
    ],
)
def test_few_levels_of_other_things_stay_categories(name, levels):
    X, _ = table(name, [levels[i % len(levels)] for i in range(60)])
    assert table_schema(X)[name].kind in ("category", "flag")


@pytest.mark.parametrize("n", [15, 200, 500])
def test_ordinary_columns_stay_so_in_small_tables(n):
    kinds = table_schema(ordinary_table(n))
    found = {name for name in kinds if kinds[name].kind in ("personal", "text", "identifier")}
    # "email" is hidden text of fifteen rows, nearly all different
    assert found <= ({"email campaign"} if n == 15 else set())


@pytest.mark.parametrize("locale", LOCALES)
def test_full_names_under_any_name(locale):
    from faker import Faker

    fake = Faker(locale)
    fake.seed_instance(1)
    people = [f"{fake.first_name()} {fake.last_name()}" for _ in range(40)]
    assert not copied("c7", [people[i % 40] for i in range(500)])


def test_numbers_of_people_in_few_rows():
    for name, cells in {
        "phone": [49_151_000_000 + 37 * i for i in range(15)],
        "CustomerID": [1_000 + 7 * i for i in range(15)],
        "order_id": [50_000 + i for i in range(15)],
    }.items():
        X, _ = table(name, cells)
        assert table_schema(X)[name].kind in ("personal", "identifier")
        model = SequentialTreesResampler(personal="fake", random_state=0).fit(X)
        assert not set(model.sample(15)[0][name]) & set(cells)


def test_dates_of_birth_of_few_people():
    days = pd.date_range("1950-01-01", periods=15, freq="411D")
    X, _ = table("date_of_birth", list(days))
    assert table_schema(X)["date_of_birth"].kind == "personal"
