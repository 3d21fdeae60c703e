"""An account of AWS IAM in moto, an independent mock, and what its command line prints.

    moto_iam.py FOLDER

Writes the files that `aws iam … --output json` would, and truth.json: what the mock says
of each credential.
"""

import base64
import datetime
import json
import os
import sys

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")

import boto3  # noqa: E402
from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402


def printed(answer):
    """As the command line prints it."""
    def plain(value):
        if isinstance(value, datetime.datetime):
            return value.isoformat()
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        raise TypeError(value)

    answer.pop("ResponseMetadata", None)
    return json.dumps(answer, default=plain, indent=4)


def pem():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "www.example.org")])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=20))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return built.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def main(folder):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    iam = boto3.client("iam", endpoint_url=f"http://{host}:{port}")
    for user in ("ada", "ci"):
        iam.create_user(UserName=user)
        iam.create_access_key(UserName=user)
    second = iam.create_access_key(UserName="ci")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="ci", AccessKeyId=second, Status="Inactive")
    certificate, key = pem()
    iam.upload_server_certificate(
        ServerCertificateName="www", CertificateBody=certificate, PrivateKey=key
    )
    iam.generate_credential_report()

    def write(name, answer):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(printed(answer))

    keys = {}
    for user in ("ada", "ci"):
        answer = iam.list_access_keys(UserName=user)
        for one in answer["AccessKeyMetadata"]:
            keys[one["AccessKeyId"]] = {"user": user, "active": one["Status"] == "Active"}
        write(f"keys-{user}.json", answer)
    write("certificates.json", iam.list_server_certificates())
    write("report.json", iam.get_credential_report())
    with open(os.path.join(folder, "truth.json"), "w", encoding="utf-8") as file:
        json.dump({"keys": keys, "certificates": ["www"]}, file)
    server.stop()


main(sys.argv[1])
