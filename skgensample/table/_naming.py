"""What the name of a column says of its values: identifiers, personal details, quantities.

English, German, French, Spanish, Italian and Portuguese, without accents. The last word of a
name is its head noun: `loan_id` is an identifier, `id_count` is a count.
"""

import re
import unicodedata

#: Words of telephones, of mail, of addresses and of documents, in a column's name.
PHONE = set(
    "phone phones telephone telefon telefonnummer tel mobile cellphone handy handynummer "
    "mobilnummer rufnummer fax msisdn portable movil celular cellulare telefono telefone "
    "telemovel".split()
)
EMAIL = set("email emails mail courriel correo mailadresse emailadresse".split())
ADDRESS = set(
    "address addresses adresse anschrift direccion indirizzo endereco morada domicilio domicile "
    "wohnanschrift wohnadresse postanschrift".split()
)
STREET = set("street strasse strassenname rue calle rua".split())
DOCUMENT = set(
    "iban ssn passport taxid reisepass reisepassnummer passeport pasaporte passaporto passaporte "
    "ausweisnummer personalausweis personalausweisnummer steuernummer steuerid steueridnummer "
    "sozialversicherungsnummer versichertennummer nino dni nif nie cpf insee nir "
    "codicefiscale immatriculation kennzeichen nummernschild targa matricula placa numberplate "
    "licenseplate".split()
)
#: Words of documents of several words; others of them are QUALIFIERS.
FISCAL = ({"codice", "fiscale"}, {"securite", "sociale"}, {"seguridad", "social"},
          {"social", "security"}, {"national", "insurance"}, {"tax", "id"},
          {"numero", "fiscal"}, {"numero", "contribuinte"}, {"partita", "iva"},
          {"license", "plate"}, {"licence", "plate"}, {"number", "plate"})  # fmt: skip
#: Words of a column's name that speak of a person's address of some kind.
CONTACT = PHONE | EMAIL | ADDRESS | STREET | DOCUMENT
#: Words under which long numbers are those of telephones.
CALLED = set(
    "contact contacts kontakt kontakte contacto contactos contatto contatti contato "
    "contatos".split()
)
#: Words that speak of a person's name, alone or beside PERSON.
FIRST_NAMES = set("forename firstname givenname vorname vornamen rufname prenom prenoms".split())
LAST_NAMES = set(
    "surname lastname familyname nachname familienname zuname geburtsname apellido apellidos "
    "cognome sobrenome apelido".split()
)
USER_NAMES = set(
    "username benutzername nutzername usuario utente utilisateur utilizador login".split()
)
NAMES = (
    FIRST_NAMES
    | LAST_NAMES
    | USER_NAMES
    | set("fullname kundenname patientenname nomecompleto nombrecompleto".split())
)
#: Words for "name".
NAME = set("name nom nome nombre".split())
PERSON = set(
    "first last middle full sur given family maiden customer client person people patient user "
    "member holder cardholder account employee borrower applicant contact owner sender "
    "beneficiary recipient of the s de du des del della dello do da di d l la le el il los "
    "famille jeune fille familia famiglia complet completo completa pila kunde kunden "
    "mitarbeiter cliente clientes paciente paziente empleado dipendente titulaire titular "
    "titolare salarie employe primeiro primer primo ultimo utilisateur utente usuario".split()
)
#: Words for people of whom a column may hold the names: `client`, `Kunde`.
PERSONS = set(
    "customer customers client clients person people patient patients user users member members "
    "holder cardholder policyholder employee employees borrower applicant owner sender "
    "beneficiary recipient passenger guest tenant subscriber student worker staff manager agent "
    "officer advisor adviser representative doctor physician nurse teacher driver author seller "
    "buyer debtor creditor guarantor spouse husband wife father mother contact insured "
    "victim suspect donor participant attendee assignee who kunde kunden kundin mitarbeiter "
    "mitarbeiterin patientin inhaber eigentumer eigentuemer besitzer arzt fahrer lehrer schuler "
    "mieter vermieter empfanger empfaenger absender ansprechpartner versicherter nutzer benutzer "
    "personne employe salarie titulaire proprietaire beneficiaire destinataire utilisateur "
    "persona cliente clientes paciente empleado titular propietario beneficiario destinatario "
    "usuario paziente dipendente titolare proprietario utente pessoa funcionario utilizador "
    "medico".split()
)
#: Words of a date of birth.
BIRTH = set(
    "birth birthday birthdate dateofbirth dob geburtsdatum geburtstag geboren naissance "
    "nacimiento nascita nascimento".split()
)
#: Words beside CONTACT that leave it a contact: a name of other words too is one of something else.
QUALIFIERS = set(
    "home work private business office primary secondary main alternative other billing shipping "
    "delivery mailing residential permanent current previous full line cell name number numbers "
    "no nr num nummer hash numero num electronico electronica electronique electronica eletronico "
    "elettronica elettronico e o n fijo fixe fisso privat geschaeftlich codice fiscal fiscale "
    "social sociale security securite seguridad personal code codigo card carte tarjeta adresse "
    "correio posta".split()
)
#: Words that number things: alone; after an ENTITY; and the entities, beside large values only.
IDENTITY = set("id ids uid uuid guid identifier identifiers pk rowid".split())
NUMBERING = set("number numbers no nr num nummer numero".split())
ENTITY = set(
    "account accounts acct konto card customer client member policy contract employee patient "
    "user person student applicant borrower invoice order transaction trans claim case ticket "
    "application loan record row serial device session booking reservation reference ref "
    "tracking passport licence license vehicle merchant terminal kunden kunde konten vertrags "
    "mitarbeiter personal auftrags rechnungs patienten client cliente clientes compte cuenta conto "
    "conta contrat contrato contratto paciente paziente pedido commande".split()
)
#: Entities that are people, or their accounts.
PEOPLE = set(
    "customer client member employee patient user person student applicant borrower cardholder "
    "passenger guest tenant subscriber account acct konto kunden kunde mitarbeiter patienten "
    "cliente clientes paciente paziente empleado dipendente compte cuenta conto conta policy "
    "police poliza polizza apolice funcionario matricule matricola".split()
)
#: Words of quantities, times and places.
QUANTITY = set(
    "amount amt balance balances bal age day days week weeks month months year years hour hours "
    "minute minutes second seconds sec time date datetime timestamp count cnt counts length len "
    "total sum mean avg average min max median std rate ratio share score price prices cost costs "
    "fee fees income incomes salary wage wages limit value values worth duration distance size "
    "weight height width depth area volume calls charge charges since of in per revenue revenues "
    "sales turnover profit profits loss losses earnings expense expenses expenditure spend "
    "spending spent budget debt debts capital asset assets equity gdp population tax taxes "
    "interest premium premiums payment payments paid payout loan rent usage bytes traffic visits "
    "clicks views impressions votes points percent pct percentage quantity qty frequency freq "
    "power energy mileage miles km odometer mass density temperature pressure speed lat latitude "
    "lon lng longitude easting northing elevation altitude eur usd gbp dollars euro cents".split()
)
#: Words of kinds and of places larger than an address.
CATEGORY = set(
    "type types kind domain model brand provider status category class group os code state states "
    "province region country county city town district zip zipcode postcode postal plz continent "
    "language gender flag grade segment tier band".split()
)
ORDINARY = QUANTITY | CATEGORY

#: Endings that are words of their own behind an ENTITY: `customerid`, `kontonummer`.
ENDINGS = ("id", "number", "nummer", "nr", "no")


def words_in(name):
    """Lower-case words of a column's name, in order; none where it is not text."""
    if not isinstance(name, str):
        return []
    name = re.sub(r"(?i)e[- ]?mail", "email", re.sub("ß", "ss", name))
    letters = unicodedata.normalize("NFKD", name)
    name = "".join(char for char in letters if not unicodedata.combining(char))
    found = re.findall(r"[A-ZÄÖÜ]?[^\W\d_A-ZÄÖÜ]+|[A-ZÄÖÜ]+(?![^\W\d_A-ZÄÖÜ])", name)
    return [word.casefold() for word in found]


def words_of(name):
    """Set of words of a name: `CustomerID`, `customer_id` and `Customer ID` agree."""
    return set(words_in(name))


def _split(words):
    """Words, those of an entity and what numbers it taken apart."""
    parts = []
    for word in words:
        stems = [word.removesuffix(end) for end in ENDINGS if word.endswith(end)]
        stem = next((stem for stem in stems if stem in ENTITY | CONTACT), None)
        parts += [word] if stem is None else [stem, word.removeprefix(stem)]
    return parts


def kind_of_name(name):
    """What a column of numbers is by its name.

    Parameters
    ----------
    name : object
        Column name.

    Returns
    -------
    kind : {"identifier", "detail", "entity", "quantity", "category"} or None
        ``"detail"`` is a phone number and the like, ``"entity"`` what may be its number or not:
        `account`, `number`.
    """
    words = _split(words_in(name))
    if not words:
        return None
    if is_document(words):
        return "detail"
    head, rest = words[-1], set(words[:-1])
    if head in IDENTITY or (head in NUMBERING and words[-2:-1] and words[-2] in ENTITY):
        return "identifier"
    if set(words) & ORDINARY:
        return "quantity" if set(words) & QUANTITY else "category"
    if is_detail(words):
        return "detail"
    if rest & IDENTITY:
        return "identifier"
    return "entity" if head in ENTITY | NUMBERING else None


def numbers_people(name):
    """Whether a column's name says that it numbers people: `CustomerID`, `Kundennummer`."""
    words = _split(words_in(name))
    numbers = {*IDENTITY, *NUMBERING, "codice", "codigo", "code"} & set(words)
    known = PEOPLE | IDENTITY | NUMBERING | PERSON | {"codice", "codigo", "code"}
    numbers = numbers or {"matricule", "matricola"} & set(words)
    return bool(numbers and PEOPLE & set(words)) and set(words) <= known


def is_detail(words):
    """Whether words name a personal detail and nothing else."""
    known = CONTACT | PERSON | QUALIFIERS
    return is_document(words) or (bool(set(words) & CONTACT) and set(words) <= known)


def is_document(words):
    """Whether several words name a person's tax or insurance number."""
    words = set(words)
    return any(both <= words for both in FISCAL) and words <= DOCUMENT | PERSON | QUALIFIERS | {
        *("number", "id", "tax", "national", "insurance", "contribuinte", "numero"),
        *("partita", "iva", "license", "licence", "plate"),
    }


def names_people(words):
    """Whether a set of words says that a column holds people's names."""
    return bool(words & NAMES) or (bool(words & NAME) and words - NAME <= PERSON)


def names_birth(name):
    """Whether a column of dates is called one of birth."""
    return bool(BIRTH & set(words_in(name)))
