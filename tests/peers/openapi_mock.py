"""A mock of a vendor's API from the vendor's own OpenAPI document, served by Prism.

    openapi_mock.py --node-modules FOLDER --document FILE --out FOLDER
                    [--path PATH ...] [--bearer]

Keeps the named paths of the document and all that they refer to, since whole documents
are too large or hold references that lead nowhere. With --bearer a document that names
no way to sign in gets the one that the vendor's pages describe, so that the mock refuses
requests without it. Prints `listening PORT` once it is ready, and ends when its standard
input does.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time


def references(part, into):
    """Every `$ref` below a part of a document."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref" and isinstance(value, str):
                into.add(value)
            else:
                references(value, into)
    elif isinstance(part, list):
        for value in part:
            references(value, into)


def at(document, reference):
    """The part that a local reference names, and its path."""
    names = [n.replace("~1", "/").replace("~0", "~") for n in reference[2:].split("/")]
    part = document
    for name in names:
        part = part[name]
    return names, part


def pruned(document, paths):
    """The document with these paths and what they refer to."""
    kept = {key: document[key] for key in ("openapi", "swagger", "info", "security") if key in document}
    kept["paths"] = {path: document["paths"][path] for path in paths or document["paths"]}
    for key in ("securityDefinitions", "consumes", "produces"):
        if key in document:
            kept[key] = document[key]
    schemes = document.get("components", {}).get("securitySchemes")
    if schemes:
        kept["components"] = {"securitySchemes": schemes}
    done, wanted = set(), set()
    references(kept["paths"], wanted)
    while wanted - done:
        for reference in sorted(wanted - done):
            done.add(reference)
            names, part = at(document, reference)
            place = kept
            for name in names[:-1]:
                place = place.setdefault(name, {})
            place[names[-1]] = part
            references(part, wanted)
    return kept


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, child, log):
    for _ in range(600):
        if child.poll() is not None:
            sys.exit(f"the mock ended before it listened, see {log}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit("the mock does not listen after a minute")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--node-modules", required=True)
    parser.add_argument("--document", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--path", action="append")
    parser.add_argument("--bearer", action="store_true")
    args = parser.parse_args()
    with open(args.document, encoding="utf-8") as file:
        document = pruned(json.load(file), args.path)
    if args.bearer:
        components = document.setdefault("components", {})
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
    small = os.path.join(args.out, "document.json")
    with open(small, "w", encoding="utf-8") as file:
        json.dump(document, file)
    prism = os.path.join(args.node_modules, "@stoplight/prism-cli/dist/index.js")
    port = free_port()
    log = open(os.path.join(args.out, "prism.log"), "w", encoding="utf-8")
    node = os.path.join(args.node_modules, ".bin/node")
    command = [node, prism, "mock", "-h", "127.0.0.1", "-p", str(port), small]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_for(port, child, log.name)
        print("listening", port, flush=True)
        sys.stdin.read()
    finally:
        child.kill()


main()
