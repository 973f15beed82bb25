#!/usr/bin/env python3
"""Signs PDF files as PAdES with a key that is thrown away: sign.py [--usual] FOLDER FILE... Each goes into the folder under
its own name. With `--usual` it is signed as pyHanko does when nobody asks for anything, which writes the metadata anew.
Prints those whose unsigned bytes are not the beginning of the signed ones; exit code 1 if there is one."""

import datetime
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers


def signer():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Throw-away key of a test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    packed = pkcs12.serialize_key_and_certificates(
        b"test", key, certificate, None, serialization.BestAvailableEncryption(b"test")
    )
    return signers.SimpleSigner.load_pkcs12_data(packed, other_certs=[], passphrase=b"test")


class Writer(IncrementalPdfFileWriter):
    """Leaves the metadata alone: pyHanko writes the names of extension schemas as references, which PDF/A forbids."""

    def _update_meta(self):
        pass


# A signature that nobody sees is an annotation without a tag, which PDF/UA allows outside the page.
FIELD = fields.SigFieldSpec(
    "Signature", invis_sig_settings=fields.InvisSigSettings(set_print_flag=True, box_out_of_bounds=True)
)


def main(*arguments):
    usual = arguments[0] == "--usual"
    folder, *files = arguments[1:] if usual else arguments
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    who = signer()
    pades = {"md_algorithm": "sha256", "subfilter": fields.SigSeedSubFilter.PADES}
    metadata = signers.PdfSignatureMetadata(field_name="Signature", **({} if usual else pades))
    writer, field = (IncrementalPdfFileWriter, None) if usual else (Writer, FIELD)
    moved = []
    for file in map(Path, files):
        target = folder / file.name
        with open(file, "rb") as unsigned, open(target, "wb") as signed:
            signers.sign_pdf(writer(unsigned), metadata, signer=who, new_field_spec=field, output=signed)
        if not target.read_bytes().startswith(file.read_bytes()):
            moved.append(file.name)
    print("\n".join(moved))
    return 1 if moved else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
