"""A webhook receiver that checks every signature with the package `standardwebhooks`.

    webhook_receiver.py --out FILE --secret whsec_... [--port 0] [--answers 500,204]
                        [--answer-file FILE]

Prints `listening PORT` once it is ready. Each request becomes one JSON line in FILE,
written before it is answered. Answers are taken from the list one by one, the last one
stays; while the answer file exists, the status in it is given instead. FILE is only
ever appended to, so a receiver that is killed and started again goes on with it.
"""

import argparse
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

lock = threading.Lock()


def judge(secret, body, headers):
    """The error that the independent implementation finds; None if there is none."""
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError as error:
        return str(error)
    return None


def next_answer(options):
    if options.answer_file and os.path.exists(options.answer_file):
        with open(options.answer_file, encoding="utf-8") as file:
            return int(file.read().strip())
    with lock:
        answers = options.answers
        return answers.pop(0) if len(answers) > 1 else answers[0]


def record(options, line):
    with lock, open(options.out, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


class Receiver(BaseHTTPRequestHandler):
    options = None

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        error = judge(self.options.secret, body, headers) if self.options.secret else None
        status = next_answer(self.options)
        record(
            self.options,
            {
                "id": headers.get("webhook-id"),
                "timestamp": headers.get("webhook-timestamp"),
                "verified": error is None and self.options.secret is not None,
                "error": error,
                "answered": status,
                "path": self.path,
                "body": json.loads(body),
            },
        )
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--secret")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--answers", default="204")
    parser.add_argument("--answer-file")
    options = parser.parse_args()
    options.answers = [int(status) for status in options.answers.split(",")]
    Receiver.options = options
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Receiver)
    print(f"listening {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
