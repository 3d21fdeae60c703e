"""An Apprise API server in small: the package `apprise` behind the documented request.

    apprise_bridge.py --out FILE [--port 0]

Prints `listening PORT` once it is ready. `POST /notify/KEY` takes the JSON body that
github.com/caronc/apprise-api documents (as of 2026-11-22) and hands it to the library,
which knows one service, tagged `ops`: a `json://` address of this very process. What
arrives there becomes one JSON line in FILE.

Answers are those of the documentation: 200 when the message was handed on, 204 when no
service has the tag, 424 when a service failed, 400 for what the library refuses.
"""

import argparse
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import apprise

lock = threading.Lock()


def hand_on(body, port):
    """The status that the bridge answers."""
    if body.get("type") not in apprise.NOTIFY_TYPES or body.get("format") not in apprise.NOTIFY_FORMATS:
        return 400
    bridge = apprise.Apprise()
    bridge.add(f"json://127.0.0.1:{port}/told", tag="ops")
    told = bridge.notify(
        body=body["body"],
        title=body.get("title", ""),
        notify_type=body["type"],
        body_format=body["format"],
        tag=body.get("tag", "all"),
    )
    if told:
        return 200
    return 424 if told.results else 204


class Bridge(BaseHTTPRequestHandler):
    out = None

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", "0"))))
        if self.path.startswith("/told"):
            with lock, open(self.out, "a", encoding="utf-8") as file:
                file.write(json.dumps(body) + "\n")
            status = 200
        else:
            status = hand_on(body, self.server.server_address[1])
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    Bridge.out = options.out
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Bridge)
    print(f"listening {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
