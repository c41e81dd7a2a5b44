"""Files of customers: every way in which spreadsheets save them, and every line that is none."""

from pathlib import Path

import pytest

from console.contact_file import parsed, read
from store.errors import Permanent
from store.records import Address, ContactCard


def mail(value: str, name: str = "") -> Address:
    return Address(kind="mail", value=value, name=name)


@pytest.mark.parametrize(
    "text",
    [
        "address,name,organisation,tags,language\nAnn@acme.example,Ann Lee,Acme,vip key,pl\n",
        "language;tags;address;name;organisation\r\nPL;vip key;ann@acme.example;Ann  Lee; Acme \r\n",
        'Address\tName\tOrganisation\tTags\tLanguage\nann@acme.example\tAnn Lee\tAcme\t"vip, key"\tpl',
        '"address","name","organisation","tags","language"\n\n"ann@acme.example","Ann\nLee","Acme","vip;key","pl"\n,,,,\n',
    ],
)
def test_a_customer_is_read_whatever_the_spreadsheet_did(text: str) -> None:
    (line,), bad = parsed(text)

    assert bad == []
    assert line.card == ContactCard(
        addresses=(mail("ann@acme.example", "Ann Lee"),), organisation="Acme", tags=("vip", "key"), language="pl"
    )


@pytest.mark.parametrize(
    ("written", "addresses"),
    [
        ("ann@acme.example lee@home.example", (mail("ann@acme.example"), mail("lee@home.example"))),
        ("ann@acme.example; telegram:77", (mail("ann@acme.example"), Address(kind="telegram", value="77"))),
        ("ann@acme.example ANN@acme.example", (mail("ann@acme.example"),)),
        ("acme.example", (Address(kind="domain", value="acme.example"),)),
        ("@Żółw.example", (Address(kind="domain", value="xn--w-uga1v8h.example"),)),
    ],
)
def test_several_addresses_and_whole_domains_stand_in_one_value(written: str, addresses: tuple[Address, ...]) -> None:
    (line,), bad = parsed(f"organisation,address\nAcme,{written}\n")

    assert bad == []
    assert line.card.addresses == addresses


def test_only_the_address_is_needed() -> None:
    (line,), _ = parsed("address\nann@acme.example\n")

    assert line.card == ContactCard(addresses=(mail("ann@acme.example"),))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("ann,Acme,,", '"ann" is no address'),
        (",Acme,,", "no address is named"),
        ("ann@acme.example,Acme", "2 values"),
        ("ann@acme.example,Acme,,Polish", '"polish" is no code'),
        ("ann@acme.example,Acme,+vip,", '"+vip" is no tag'),
        ("ann@acme.example acme.example,Acme,,", "a whole domain and a person"),
        ("eve@acme.example,Acme,,", "stands in line 2 already"),
        (f"ann@acme.example,{'x' * 201},,", "201 characters"),
        (f"{' '.join(f'a{n}@acme.example' for n in range(51))},,,", "51 addresses"),
        (f"ann@acme.example,,{' '.join(f't{n}' for n in range(51))},", "51 tags"),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_the_others_are_read(line: str, why: str) -> None:
    found = parsed(f"address,organisation,tags,language\neve@acme.example,Acme,vip,en\n{line}\nbob@acme.example,,,\n")

    assert [one.number for one in found.lines] == [2, 4]
    assert [one.number for one in found.bad] == [3]
    assert why in found.bad[0].why


def test_a_line_is_counted_where_it_begins() -> None:
    found = parsed('address,name\nann@acme.example,"Ann\nLee"\nnobody,x\n')

    assert [one.number for one in found.bad] == [4]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("address,phone\nann@acme.example,1\n", 'column "phone"'),
        ("address,name,address\n", "twice"),
        ("name,tags\n", "no column address"),
        ('address,name\nann@acme.example,"a' + "x" * 200_000, "no CSV"),
    ],
)
def test_a_file_whose_first_line_is_not_understood_is_refused(text: str, why: str) -> None:
    with pytest.raises(Permanent, match=why):
        parsed(text)


def test_a_file_is_read_with_the_mark_that_spreadsheets_put_before_utf_8(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_bytes("\ufeffaddress,name\nann@acme.example,Łucja\n".encode())

    (line,), _ = read(tmp_path / "customers.csv")

    assert line.card.addresses == (mail("ann@acme.example", "Łucja"),)


def test_a_file_in_another_encoding_is_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_bytes("address,name\nann@acme.example,Łucja\n".encode("cp1250"))

    with pytest.raises(Permanent, match="line 2"):
        read(tmp_path / "customers.csv")
    with pytest.raises(Permanent, match="cannot be read"):
        read(tmp_path / "other.csv")
