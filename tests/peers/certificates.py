"""Makes certificates and key stores with another library, and says what is in them.

Prints one JSON object a line: `base64` is a file, `expected` what its reader must find,
or `refused` a word of the sentence that it is left with.
"""
import base64
import datetime
import ipaddress
import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import NameOID

UTC = datetime.timezone.utc
START = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def certificate(key, end, names=(), subject=((NameOID.COMMON_NAME, "web"),), authority=False):
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in subject])
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(0x8001)
        .not_valid_before(START)
        .not_valid_after(end)
    )
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(list(names)), critical=not subject)
    if authority:
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return made.sign(key, digest)


def expected(made):
    name = made.subject.rfc4514_string()
    end = made.not_valid_after_utc
    return {
        "subject": name,
        "serial": format(made.serial_number, "x").zfill(4),
        "fingerprint": made.fingerprint(hashes.SHA256()).hex(),
        "not_before": made.not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "not_after": None if end.year == 9999 else end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "names": [str(n.value) for n in alternatives(made)],
    }


def alternatives(made):
    try:
        return made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []


def say(data, **what):
    print(json.dumps({"base64": base64.b64encode(data).decode(), **what}))


def main():
    pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
    end = datetime.datetime(2030, 12, 31, 23, 59, 59, tzinfo=UTC)
    generalized = datetime.datetime(2050, 1, 1, tzinfo=UTC)
    never = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    names = [
        x509.DNSName("web.example.org"),
        x509.DNSName("*.example.org"),
        x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
        x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
        x509.RFC822Name("web@example.org"),
        x509.UniformResourceIdentifier("spiffe://example.org/web"),
    ]
    odd = (
        (NameOID.COUNTRY_NAME, "DE"),
        (NameOID.ORGANIZATION_NAME, 'Acme, "Inc." + <Söhne>; \\ Co'),
        (NameOID.COMMON_NAME, "#1 web"),
    )
    keys = [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP256R1()),
        ed25519.Ed25519PrivateKey.generate(),
    ]
    for key in keys:
        for last in (end, generalized, never):
            made = certificate(key, last, names)
            say(made.public_bytes(der), expected=expected(made))
            say(made.public_bytes(pem), expected=expected(made))
    for made in (certificate(keys[1], end, subject=odd), certificate(keys[1], end, names, ())):
        say(made.public_bytes(der), expected=expected(made))
    leaf, root = certificate(keys[1], end), certificate(keys[1], generalized, authority=True)
    secret = keys[1].private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = root.public_bytes(pem) + secret + leaf.public_bytes(pem)
    say(chain, expected=expected(leaf))
    locked = serialization.BestAvailableEncryption(b"hunter2")
    for lock in (locked, serialization.NoEncryption()):
        store = pkcs12.serialize_key_and_certificates(b"web", keys[1], leaf, [root], lock)
        say(store, refused="PKCS#12")
    say(pkcs7.serialize_certificates([leaf, root], der), refused="PKCS#7")
    say(pkcs7.serialize_certificates([leaf, root], pem), refused="PKCS#7")
    say(secret, refused="it is no certificate")


main()
