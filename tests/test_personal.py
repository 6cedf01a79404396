"""Columns that identify people or rows, and ordinary ones that only look a little like them."""

import numpy as np
import pandas as pd
import pytest

from conftest import small_nets
from skgensample import (
    FakeColumns,
    NumbaADASYN,
    NumbaBorderlineSMOTE,
    NumbaKMeansSMOTE,
    NumbaRandomOverSampler,
    NumbaSMOTE,
    NumbaSMOTENC,
    NumbaSVMSMOTE,
    SafeLevelSMOTE,
)
from skgensample.exceptions import PersonalColumnsError
from skgensample.table import TableCodec
from skgensample.table._naming import words_of
from skgensample.table._pii import is_card, is_iban

N = 2_000
CODEC = {"categories": "text", "missing": True, "learned": True}


@pytest.fixture(scope="module")
def marketing():
    """A bank's list of calls as its sales people keep it, all made up, and who bought."""
    rng = np.random.RandomState(0)
    first = np.array("Anna Bert Carla Dieter Emma Franz Greta Hans Ida Jan".split())
    last = np.array("Amsel Bach Ceder Dorn Eiche Falk Gruber Huber Igel Jung".split())
    frame = pd.DataFrame(
        {
            # each called about twice, so that no text is unique
            "Name": [
                f"{first[i % 10]} {last[i // 10 % 10]}-{last[i // 100 % 10]}" for i in range(N)
            ],
            "phone": 4_915_000_000_000 + rng.permutation(10**9 + np.arange(N) * 37),
            "age": rng.randint(18, 95, N),
            "Job type": rng.choice(["admin.", "blue-collar", "retired", "student"], N),
            "marital": pd.Categorical(rng.choice(["single", "married", "divorced"], N)),
            "Housing loan": rng.rand(N) < 0.5,
            "Contacts during campaign": rng.poisson(2, N) + 1,
            "pdays": np.where(rng.rand(N) < 0.9, 999, rng.randint(1, 30, N)),
            "balance": np.round(rng.normal(1_500, 3_000, N), 2),
        }
    )
    return frame, pd.Series(np.where(rng.rand(N) < 0.1, "yes", "no"), name="bought")


def generators():
    skgensample = pytest.importorskip("skgensample")
    pytest.importorskip("torch")
    options = {"random_state": 0, "max_steps": 5, "batch_size": 20, **small_nets("CTGANResampler")}
    return [skgensample.GANOversampler(**options), skgensample.CTGANResampler(**options)]


def test_a_marketing_table_is_refused_with_all_its_personal_columns(marketing):
    X, y = marketing
    for sampler in generators():
        with pytest.raises(ValueError, match=r"'Name' \(.*'phone' \(.*Drop them") as caught:
            sampler.fit_resample(X, y)
        for column in X.columns[2:]:
            assert repr(column) not in str(caught.value)
        assert not any(name in str(caught.value) for name in X["Name"].str.split().str[0])
    interpolators = [
        NumbaSMOTE(), NumbaADASYN(), NumbaSVMSMOTE(), NumbaKMeansSMOTE(), SafeLevelSMOTE(),
        NumbaBorderlineSMOTE(), NumbaSMOTENC(), NumbaRandomOverSampler(shrinkage=1),
    ]  # fmt: skip
    for sampler in interpolators:
        with pytest.raises(PersonalColumnsError) as caught:
            sampler.fit_resample(X, y)
        assert list(caught.value.reasons) == ["Name", "phone"]
    assert len(NumbaRandomOverSampler().fit_resample(X, y)[0]) > N


def test_ways_out_of_interpolation(marketing):
    """Numbers of people are invented, or declared to be ordinary ones."""
    X, y = marketing
    X = X.drop(columns="Name")
    for personal in ("fake", FakeColumns(columns={"phone": "identifier"})):
        new = NumbaSMOTE(random_state=0, personal=personal).fit_resample(X, y)[0].iloc[N:]
        assert not new["phone"].isin(X["phone"]).any() and new["phone"].dtype == X["phone"].dtype
    new = NumbaSMOTE(random_state=0, schema={"phone": "number"}).fit_resample(X, y)[0].iloc[N:]
    assert new["phone"].between(X["phone"].min(), X["phone"].max()).all()
    floats = X[["phone", "balance"]].astype(float)
    for table in (X.astype({"phone": float}), floats):
        with pytest.raises(PersonalColumnsError, match="'phone'"):
            NumbaSMOTE().fit_resample(table, y)
    NumbaSMOTE().fit_resample(floats.to_numpy(), y)  # without names they are ordinary numbers


def test_without_them_typed_rows_come_out(marketing):
    X, y = marketing
    X = X.drop(columns=["Name", "phone"])
    for sampler in [*generators(), NumbaSMOTE(random_state=0)]:
        X_res, y_res = sampler.fit_resample(X, y)
        assert X_res.dtypes.equals(X.dtypes) and y_res.value_counts().nunique() == 1
        new, own = X_res[sampler.is_synthetic_], X[y == "yes"]
        for column in ("Job type", "marital", "Housing loan"):
            assert set(new[column]) <= set(own[column])
        for column in ("age", "Contacts during campaign", "pdays", "balance"):
            assert new[column].between(own[column].min(), own[column].max()).all()
        if not isinstance(sampler, NumbaSMOTE):
            assert new["balance"].round(2).equals(new["balance"])
            assert (new["pdays"] == 999).any()


def reason(name, values, **options):
    """Why a column is refused beside an ordinary one, or None."""
    frame = pd.DataFrame({"x": np.arange(len(values)) / 7, name: values})
    try:
        TableCodec(**{**CODEC, **options}).fit_encode(frame)
    except ValueError as error:
        assert repr(name) in str(error) and "'x'" not in str(error)
        return str(error)
    return None


def repeated(made, n_levels=40, n=200):
    """A column of text in which every value stands several times."""
    return [made(i % n_levels) for i in range(n)]


def luhn(i):
    """A made-up card number with a right checksum."""
    stem = f"4000{i:011d}"
    return next(f"{stem}{d}" for d in range(10) if is_card(f"{stem}{d}"))


PERSONAL_TEXT = {
    "kind": lambda i: f"user{i}@example.org",
    "b": lambda i: f"+49 151 {1_000_000 + i}",
    "c": lambda i: f"(030) {100_000 + i}",
    "d": lambda i: f"555-010-{1_000 + i}",
    "e": luhn,
    "f": lambda i: " ".join([luhn(i)[k : k + 4] for k in range(0, 16, 4)]),
    "Name": lambda i: f"Person{chr(65 + i % 26)}{chr(65 + i // 26)}",
    "customer_name": lambda i: f"p{i}",
    "LastName": lambda i: f"p{i}",
    "E-Mail": lambda i: f"hidden{i}",
    "Home address": lambda i: f"Road {i}",
    "Telefonnummer": lambda i: f"0151{1_000_000 + i}",
    "Kundennummer": lambda i: f"K{i}",
    "id_cliente": lambda i: f"c/{i}",
    "codice_fiscale": lambda i: f"hidden{i}",
    "tax_id": lambda i: f"{i}/7",
    "numéro de sécurité sociale": lambda i: f"hidden{i}",
    "dirección": lambda i: f"Calle {i}",
    "sobrenome": lambda i: f"Silva{chr(97 + i % 26)}{chr(97 + i // 26)}",
    "h": lambda i: f"192.168.{i}.{i * 3}",
    "j": lambda i: f"{100 + i}-45-{6_000 + i}",
}

ORDINARY_TEXT = {
    "merchant": lambda i: f"shop {i}",
    "product_name": lambda i: f"article {i}",
    "P_emaildomain": lambda i: f"mail{i}.example",
    "email_domain": lambda i: f"mail{i}.example",
    "phone_model": lambda i: f"model {i}",
    "postcode": lambda i: f"0{1_000 + i}",
    "Country": lambda i: f"Big Island {chr(65 + i % 26)}",
    "version": lambda i: f"1.{i}.0",
    "category code": lambda i: f"{4_000 + i}",
    "client type": lambda i: f"type {i}",
    "nombre d'enfants": lambda i: f"{i} ou plus",
    "user agent": lambda i: f"browser {i}",
    "matter": lambda i: f"{i}-{i}-{i}",
}


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("name", PERSONAL_TEXT)
def test_personal_text_is_refused_though_repeated(name, learned):
    cells = repeated(PERSONAL_TEXT[name])
    for values in (cells, pd.Categorical(cells), pd.array(cells, dtype="string")):
        message = reason(name, values, learned=learned)
        assert message and not any(cell in message for cell in cells)


@pytest.mark.parametrize("name", ORDINARY_TEXT)
def test_ordinary_text_passes(name):
    assert reason(name, repeated(ORDINARY_TEXT[name])) is None


def test_few_levels_are_categories_whatever_their_name():
    assert reason("contact", ["cellular", "telephone"] * 50) is None
    assert reason("own_telephone", ["yes", "none"] * 50) is None
    assert reason("name", ["Anna", "Bert", "Carla"] * 50) is None


def test_text_that_is_rarely_repeated_and_looks_like_names():
    syllables = ["an", "ber", "cla", "do", "el", "fri", "gu", "ha", "il", "jo"]
    people = [f"{a}{b}".title() + " " + f"{c}{a}".title() for a in syllables for b in syllables
              for c in syllables[:2]]  # fmt: skip
    values = [*people, *people[:80]]
    assert "names" in reason("c3", values)
    assert reason("c3", [person.lower() for person in values]) is None


PERSONAL_NUMBERS = {
    "ID": np.arange(1, 201),
    "CustomerID": np.arange(200) * 3,
    "phone": 4_915_000_000_000 + np.arange(200) // 4,
    "account_number": 10_000 + np.arange(200) * 17,
    "c7": np.random.RandomState(0).permutation(200) * 104_729 + 10**9 * 3,
    "customer no": 40_000 + np.arange(200) // 4 * 13,
    "cc_num": np.array([int(luhn(i // 4)) for i in range(200)]),
    "Contacts": 6_000_000_000 + np.arange(200) // 4 * 7_919,
    "ssn": np.random.RandomState(0).randint(10**8, 10**9, 200),
}

ORDINARY_NUMBERS = {
    "age": np.arange(200) % 80,
    "row": np.arange(200),
    "amount": np.random.RandomState(0).permutation(200) * 104_729 + 10**7,
    "account_balance": np.random.RandomState(0).permutation(200) * 104_729 + 10**7,
    "number_of_calls": np.arange(200),
    "account_length": np.random.RandomState(0).randint(1, 243, 200),
    "customer_id_count": np.arange(200),
    "opened": 1_522_540_800 + np.arange(200) * 3_607,
    "opened, ms": (1_522_540_800 + np.arange(200) * 3_607) * 1_000,
    "day": 20_180_401 + np.arange(200) % 28,
    "v9": np.geomspace(10**6, 10**12, 200).astype(np.int64),
    "valid": np.arange(200),
    "merchant_id": np.arange(200) % 50,
    "customer number of calls": 2_000 + np.arange(200) % 50,
    "contacts": np.arange(200) % 60,
    "volume in mm": np.random.RandomState(1).randint(10**12, 9 * 10**15, 200),
    "change": -np.arange(200) - 10**8,
}


@pytest.mark.parametrize("name", PERSONAL_NUMBERS)
def test_identifying_integers_are_refused(name):
    values = PERSONAL_NUMBERS[name]
    wanted = reason(name, values)
    assert wanted
    assert reason(name, pd.array([None, *values[1:]], dtype="Int64")) == wanted
    of_rows = {"ID", "CustomerID", "c7"}  # no two alike, and no more is known of them
    interpolated = reason(name, values, learned=False, interpolated=True)
    assert interpolated == (None if name in of_rows else wanted)
    # tables that are only compared keep them
    assert reason(name, values, learned=False) is None
    # the way out: floats under a neutral name
    assert reason("x2", values.astype(float)) is None


@pytest.mark.parametrize("name", ORDINARY_NUMBERS)
def test_ordinary_integers_pass(name):
    assert reason(name, ORDINARY_NUMBERS[name]) is None
    assert reason(name, ORDINARY_NUMBERS[name], learned=False, interpolated=True) is None


def test_a_phone_number_that_missing_cells_made_a_float():
    values = np.where(np.arange(200) % 9 == 0, np.nan, 4_915_000_000_000.0 + np.arange(200))
    assert reason("Phone No.", values)
    assert reason("Phone bill", values / 1e9) is None


def test_long_integers_of_arrays():
    X = np.column_stack([np.arange(200), PERSONAL_NUMBERS["c7"]])
    with pytest.raises(ValueError, match="Column 1 "):
        TableCodec(learned=True).fit_encode(X)
    TableCodec().fit_encode(X)
    TableCodec(learned=True).fit_encode(X.astype(float))
    TableCodec(interpolated=True).fit_encode(X)
    cards = np.array([int(luhn(i)) for i in range(200)])
    with pytest.raises(ValueError, match=r"Column 1 .*card numbers"):
        TableCodec(interpolated=True).fit_encode(np.column_stack([np.arange(200), cards]))


def test_integers_as_categories_are_copied_and_so_refused():
    values = pd.Categorical(PERSONAL_NUMBERS["phone"])
    assert reason("phone", values, learned=False)
    assert reason("merchant_id", pd.Categorical(ORDINARY_NUMBERS["merchant_id"])) is None


def test_checksums():
    assert is_iban("DE89 3704 0044 0532 0130 00") and not is_iban("DE89 3704 0044 0532 0130 01")
    assert is_card("4111 1111 1111 1111") and not is_card("4111 1111 1111 1112")
    assert not is_card("12345") and not is_iban("HELLO")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CustomerID", {"customer", "id"}),
        ("customer_id", {"customer", "id"}),
        ("Customer Id.", {"customer", "id"}),
        ("E-Mail", {"email"}),
        ("IBAN", {"iban"}),
        ("bill_amt1", {"bill", "amt"}),
        ("Kontonummer", {"kontonummer"}),
        ("Straße", {"strasse"}),
        (7, set()),
        (("a", "b"), set()),
    ],
)
def test_words_of_a_name(name, words):
    assert words_of(name) == words
