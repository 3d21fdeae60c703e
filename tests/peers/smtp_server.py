"""A real mail server (aiosmtpd) with STARTTLS, AUTH and scripted replies.

    smtp_server.py --out FILE --folder FOLDER [--port 0] [--user U --password P]
                   [--implicit] [--script FILE]

Prints `listening PORT` once it is ready; the certificate to believe is FOLDER/ca.pem,
made at the first start and kept for the next. Each accepted message becomes one JSON
line in FILE, written before it is answered. The script is a JSON object that is read
anew at each command, such as {"RCPT": ["450 4.2.0 later", "250 ok"], "DATA": ["drop"]}:
replies are taken one by one, the last one stays; `drop` closes the connection after the
message was taken, without a reply; `wait 5 250 ok` waits so many seconds first; after a
421 the connection is closed. In place of the list may stand an object with a list for
each recipient, such as {"RCPT": {"ada@example.org": ["550 5.1.1 nobody"]}}.
"""

import argparse
import asyncio
import datetime
import json
import logging
import os
import ssl
import warnings
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def certificate(folder):
    """Paths of a self-signed certificate for localhost and its key."""
    ca, key_file = os.path.join(folder, "ca.pem"), os.path.join(folder, "key.pem")
    if os.path.exists(ca):
        return ca, key_file
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    with open(key_file, "wb") as file:
        private = serialization.PrivateFormat.PKCS8
        file.write(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    with open(ca, "wb") as file:
        file.write(built.public_bytes(serialization.Encoding.PEM))
    return ca, key_file


class Handler:
    def __init__(self, options):
        self.options = options
        self.used = {}

    async def scripted(self, verb, server, address):
        """The next scripted reply to a verb, or None."""
        reply = self.turn(verb, address)
        if reply and reply.startswith("wait "):
            _, seconds, reply = reply.split(" ", 2)
            await asyncio.sleep(float(seconds))
        if reply and reply.startswith("421"):
            asyncio.get_running_loop().call_later(0.2, server.transport.close)
        return reply

    def turn(self, verb, address):
        if not self.options.script or not os.path.exists(self.options.script):
            return None
        with open(self.options.script, encoding="utf-8") as file:
            replies = json.load(file).get(verb, [])
        if isinstance(replies, dict):
            verb = (verb, address)
            replies = replies.get(address, [])
        if not replies:
            return None
        turn = self.used.get(verb, 0)
        self.used[verb] = turn + 1
        return replies[min(turn, len(replies) - 1)]

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        reply = await self.scripted("RCPT", server, address) or "250 2.1.5 ok"
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server, session, envelope):
        reply = await self.scripted("DATA", server, envelope.rcpt_tos[0]) or "250 2.0.0 Ok: queued"
        if reply == "drop" or reply.startswith("2"):
            self.record(session, envelope, reply)
        if reply == "drop":
            server.transport.abort()
            return "421 4.3.0 gone"
        return reply

    def record(self, session, envelope, reply):
        message = message_from_bytes(envelope.content, policy=policy.default)
        part = lambda kind: message.get_body((kind,)) and message.get_body((kind,)).get_content()
        line = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "answered": reply,
            "secure": self.options.implicit or session.ssl is not None,
            "login": bool(session.authenticated),
            "message_id": message["message-id"],
            "subject": message["subject"],
            "headers": [[name, str(value)] for name, value in message.items()],
            "text": part("plain"),
            "html": part("html"),
        }
        with open(self.options.out, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())


def authenticator(options):
    def check(server, session, envelope, mechanism, data):
        given = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode())
        return AuthResult(success=given == (options.user, options.password), handled=False)

    return check


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--implicit", action="store_true")
    parser.add_argument("--script")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(options.folder))
    settings = {"enable_SMTPUTF8": True}
    if not options.implicit:
        settings.update(tls_context=context, require_starttls=True)
    if options.user:
        # aiosmtpd does not know of TLS that was there before it.
        needs_tls = not options.implicit
        settings.update(authenticator=authenticator(options), auth_required=True, auth_require_tls=needs_tls)
    asyncio.run(serve(options, settings, context if options.implicit else None))


async def serve(options, settings, context):
    handler = Handler(options)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, **settings), "127.0.0.1", options.port, ssl=context)
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    main()
