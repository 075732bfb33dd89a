"""Lines of address files, for tests to change one thing at a time."""

from town.commons.places.address_file import AddressFile, read_addresses

HEADER = "cle_interop;commune_insee;voie_nom;lieudit_complement_nom;numero;suffixe;position;long;lat;date_der_maj"
JOFFRE = "54084_0200_00012;54084;Rue Joffre;;12;;entrée;5.8336;49.3222;2024-05-02"


def said(file: AddressFile) -> list[str]:
    return [str(remark) for remark in (*file.remarks, *file.errors)]


def read(*lines: str, header: str = HEADER) -> AddressFile:
    return read_addresses("\n".join([header, *lines]).encode())
