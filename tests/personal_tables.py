"""Tables of people who do not exist, in six languages, and names of columns that tell of nobody."""

import numpy as np
import pandas as pd

LOCALES = ("en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "pt_PT")

#: What a column holds -> its name in each of `LOCALES`.
NAMES = {
    "name": "Name|Kundenname|Nom complet|Nombre completo|Nome completo|Nome completo",
    "first_name": "first_name|Vorname|prénom|Nombre|Nome|primeiro nome",
    "last_name": "LastName|Nachname|nom_de_famille|apellidos|cognome|sobrenome",
    "email": "E-mail|E-Mail-Adresse|adresse e-mail|correo electrónico|indirizzo email|"
    "correio eletrónico",
    "phone": "phone|Telefonnummer|numéro de téléphone|teléfono|numero di telefono|telefone",
    "mobile": "customerPhone|Handynummer|portable|móvil|cellulare|telemóvel",
    "address": "Home address|Anschrift|adresse|dirección|indirizzo|endereço",
    "street": "street|Straße|rue|calle|via|rua",
    "iban": "IBAN|Bankverbindung|RIB|cuenta bancaria|conto|conta",
    "card": "credit_card|Kreditkarte|carte bancaire|tarjeta|carta di credito|cartão",
    "ssn": "SSN|Sozialversicherungsnummer|numéro de sécurité sociale|DNI|codice_fiscale|CPF",
    "passport": "passport_number|Reisepassnummer|numéro de passeport|pasaporte|passaporto|"
    "passaporte",
    "customer": "CustomerID|Kundennummer|numéro client|id_cliente|codice cliente|código do cliente",
    "account": "account_number|Kontonummer|numéro de compte|número de cuenta|numero conto|"
    "número da conta",
    "user": "username|Benutzername|nom d'utilisateur|usuario|nome utente|nome de usuário",
    "birth": "date_of_birth|Geburtsdatum|date de naissance|fecha_nacimiento|data di nascita|"
    "data de nascimento",
    "ip": "ip_address|IP|adresse IP|dirección IP|indirizzo IP|endereço IP",
    "uuid": "uuid|GUID|uuid client|identificador|id univoco|identificador único",
    "tax": "tax_id|Steuernummer|numéro fiscal|NIF|partita IVA|número de contribuinte",
    "policy": "policy_number|Police|numéro de police|número de póliza|numero polizza|apólice",
    "plate": "license_plate|Kennzeichen|immatriculation|matrícula|targa|placa",
    "order": "order_id|Bestellnummer|n° commande|pedido|numero ordine|encomenda",
    "patient": "patient name|Patientenname|nom du patient|nombre del paciente|nome paziente|"
    "nome do paciente",
    "contact": "Contacts during campaign|Kontakte|contacts|contactos|contatti|contatos",
    "fax": "Fax No.|Faxnummer|fax|fax de la oficina|numero fax|número de fax",
    "employee": "employee number|Mitarbeiternummer|matricule|número de empleado|matricola|"
    "número do funcionário",
    "number": "phone_no|Rufnummer|tel|tel. móvil|tel cellulare|n.º de telefone",
    "notes": "comments|Bemerkung|remarques|observaciones|note|observações",
    "device": "device hash|Geräte-Hash|appareil|dispositivo|dispositivo hash|hash",
    "work": "work email|E-Mail geschäftlich|courriel|email trabajo|email lavoro|email trabalho",
}


def values(kind, n, locale, seed=0):
    """n cells of a kind of column, different where it identifies people."""
    from faker import Faker

    from skgensample.table._invent.checksums import with_luhn

    fake, rng = Faker(locale), np.random.RandomState(seed)
    fake.seed_instance(seed)
    digits = rng.randint(10**9, 10**10, n)
    by_faker = {
        "name": fake.name, "first_name": fake.first_name, "last_name": fake.last_name,
        "phone": fake.phone_number, "mobile": fake.phone_number, "address": fake.address,
        "street": fake.street_address, "iban": fake.iban, "ip": fake.ipv4,
        "plate": fake.license_plate, "notes": lambda: fake.sentence(6), "ssn": fake.ssn,
    }  # fmt: skip
    if kind in by_faker:
        return [by_faker[kind]() for _ in range(n)]
    made = {
        "email": lambda i: f"user{i}.{digits[i] % 997}@mail{i % 5}.example",
        "work": lambda i: f"{digits[i]}@firm.example",
        "card": lambda i: with_luhn(f"4{digits[i]}00000"),
        "passport": lambda i: f"{'CFGHJK'[i % 6]}{digits[i] % 10**8:08d}",
        "customer": lambda i: f"CUST-{i:06d}",
        "account": lambda i: int(digits[i]),
        "user": lambda i: f"{'abcdefg'[i % 7]}{digits[i] % 10**6}x",
        "birth": lambda i: pd.Timestamp("1940-01-01") + pd.Timedelta(days=int(digits[i] % 22_000)),
        "uuid": lambda i: fake.uuid4(),
        "tax": lambda i: f"{digits[i] % 10**5:05d}/{i:05d}",
        "policy": lambda i: f"POL-{'AB'[i % 2]}{i * 7:07d}",
        "order": lambda i: 50_000 + i,
        "patient": lambda i: f"{fake.last_name()}, {fake.first_name()}".upper(),
        "contact": lambda i: int(digits[i]),
        "fax": lambda i: f"+49 30 {digits[i] % 10**7:07d}",
        "employee": lambda i: 100_000 + i * 3,
        "number": lambda i: int(4_900_000_000_000 + digits[i]),
        "device": lambda i: f"{digits[i]:016x}{rng.randint(2**31):08x}",
    }[kind]
    return [made(i) for i in range(n)]


def personal_table(locale, n):
    """30 columns that identify people under their names in one language, and two others."""
    at = LOCALES.index(locale)
    columns = {kind: names.split("|")[at] for kind, names in NAMES.items()}
    rng = np.random.RandomState(1)
    table = {f"{name}": values(kind, n, locale) for kind, name in columns.items()}
    return pd.DataFrame({**table, "age": rng.randint(18, 90, n), "sum": rng.rand(n).round(2)})


def ordinary_table(n):
    """40 columns that identify nobody, under names that sound a little as if they did."""
    rng = np.random.RandomState(0)

    def whole(low, high):
        return rng.randint(low, high, n)

    def of(*levels):
        return rng.choice(levels, n)

    many = [f"{a}{b}" for a in ("North", "South", "East", "West", "New ", "Old ")
            for b in ("ford", "ham", "ton", "bury", "mouth", "port")]  # fmt: skip
    return pd.DataFrame(
        {
            "name_length": whole(3, 30), "city_population": rng.lognormal(11, 1.5, n).astype(int),
            "phone_calls": whole(0, 500), "email_opened": rng.rand(n) < 0.4,
            "address_change_count": whole(0, 6), "birth_weight": rng.normal(3400, 500, n).round(),
            "card_type": of("debit", "credit", "prepaid"), "account_age_days": whole(1, 9000),
            "phone_model": of(*(f"model {i}" for i in range(40))), "city": of(*many),
            "email_domain": of(*(f"mail{i}.example" for i in range(30))),
            "product_name": of(*(f"article {i}" for i in range(60))),
            "merchant": of(*(f"Shop {i}" for i in range(80))), "country": of(*many[:25]),
            "birth_year": whole(1940, 2005), "birth_month": whole(1, 13),
            "contact": of("cellular", "telephone"), "Contacts": whole(1, 40),
            "number of contacts": whole(0, 60), "customer_value": rng.lognormal(5, 1, n).round(2),
            "account_balance": rng.normal(1500, 3000, n).round(2), "id_count": whole(1, 40),
            "user_agent": of("Firefox", "Chrome", "Safari", "Edge"), "street_type": of("A", "B"),
            "passport": of("yes", "no"), "own_telephone": of("yes", "none"),
            "email campaign": of(*(f"campaign {i}" for i in range(25))),
            "postal code": [f"{i:05d}" for i in whole(1, 900)],
            "name_changes": whole(0, 4), "nombre d'enfants": whole(0, 6),
            "surface_adresse": rng.rand(n) * 200, "mail_volume": whole(0, 10**6),
            "client_type": of("private", "firm"), "patient_age": whole(0, 100),
            "card_limit": whole(1, 40) * 500, "opened": 1_522_540_800 + whole(0, 10**8),
            "employee_count": rng.lognormal(4, 2, n).astype(int), "tel_cost": rng.rand(n).round(2),
            "order_total": rng.lognormal(4, 1, n).round(2), "title": of("Mr", "Mrs", "Dr"),
        }
    )  # fmt: skip
