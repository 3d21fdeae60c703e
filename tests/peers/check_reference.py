"""What `forewarn check --format json --all` must say, computed a second time.

    check_reference.py --at INSTANT [--within HOURS] [--token-type TYPE]... INPUT...

Written from the documented rules alone and sharing nothing with Forewarn: where this and
Forewarn disagree, one of them is wrong. It never prints what a line holds beside tokens.
Prints one JSON object and ends with 0; input that cannot be read ends it with a traceback.

Where the rules leave room, this reads them so: a line is a token event when it is SUCCESS
and makes or ends at least one token of any type; a token event is a duplicate when every
one of its tellings was told before: a make by the same fields in the same schema, an end
by the id alone. Of two makes in one schema the later end and the earlier start hold.
"""

import argparse
import csv
import datetime
import gzip
import io
import json
import os
import re

import zstandard

LONGEST_LINE = 1 << 20
BLOCK = 1 << 18
SECOND = 1_000_000
EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()
YEAR_10000 = 253_402_300_800 * SECOND
RFC_3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))\Z",
    re.ASCII,
)
STATES = ("live", "expiring", "expired", "revoked", "unknown_end")


class Unreadable(Exception):
    """This line cannot be read."""


def refuse(word):
    raise ValueError(word)


def parse(text):
    """JSON as the standard has it: no NaN, no Infinity."""
    return json.loads(text, parse_constant=refuse)


# -- time ---------------------------------------------------------------------------------


def instant(text):
    """Microseconds since 1970, or None when `text` is no RFC 3339 instant before 10000."""
    found = RFC_3339.match(text) if isinstance(text, str) else None
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    try:
        days = datetime.date(year, month, day).toordinal() - EPOCH_DAY
        datetime.time(hour, minute, second)
    except ValueError:
        return None
    fraction = int(((found[7] or "") + "000000")[:6])
    seconds = days * 86400 + hour * 3600 + minute * 60 + second
    if found[8]:
        shift = int(found[9]) * 3600 + int(found[10]) * 60
        seconds -= shift if found[8] == "+" else -shift
    micros = seconds * SECOND + fraction
    return micros if micros < YEAR_10000 else None


def written(micros):
    """The instant as RFC 3339 in UTC."""
    if micros is None:
        return None
    seconds, fraction = divmod(micros, SECOND)
    days, seconds = divmod(seconds, 86400)
    date = datetime.date.fromordinal(days + EPOCH_DAY)
    hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    tail = f".{fraction:06}" if fraction else ""
    return f"{date.isoformat()}T{hour:02}:{minute:02}:{second:02}{tail}Z"


def seconds_of(ttl):
    """A lifetime in whole seconds above zero; None for anything else."""
    if isinstance(ttl, str) and ttl.isascii() and ttl.isdigit():
        ttl = int(ttl)
    usable = isinstance(ttl, int) and not isinstance(ttl, bool) and ttl > 0
    return ttl if usable else None


# -- reading ------------------------------------------------------------------------------


def opened(path):
    """The bytes of a file, unpacked by what they are rather than by the file's name."""
    file = open(path, "rb")
    magic = file.read(4)
    file.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return io.BufferedReader(gzip.GzipFile(fileobj=file), BLOCK)
    if magic == b"\x28\xb5\x2f\xfd":
        unpacked = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        return io.BufferedReader(unpacked, BLOCK)
    return io.BufferedReader(file, BLOCK)


def lines(stream):
    """Each line that is not blank, without its end; None in place of one that is too long."""
    rest, over = b"", False
    while block := stream.read(BLOCK):
        *whole, rest = (rest + block).replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            if over or len(line) > LONGEST_LINE:
                yield None
            elif line.strip():
                yield line
            over = False
        if len(rest) > LONGEST_LINE:
            rest, over = b"", True
    if over or len(rest) > LONGEST_LINE:
        yield None
    elif rest.strip():
        yield rest


def from_ndjson(stream):
    for line in lines(stream):
        if line is None:
            yield Unreadable
            continue
        try:
            yield parse(line.decode("utf-8"))
        except (ValueError, RecursionError):
            yield Unreadable


def from_csv(stream):
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="")
    csv.field_size_limit(1 << 30)
    records = (record for record in csv.reader(text) if record)
    header = next(records)
    for record in records:
        escaped = any("\udc80" <= letter <= "\udcff" for cell in record for letter in cell)
        if escaped or len(record) != len(header):
            yield Unreadable
        else:
            yield {key: cell for key, cell in zip(header, record) if cell}


def is_csv(start):
    if start.lstrip().startswith((b"{", b"[")):
        return False
    first = start.replace(b"\r", b"\n").split(b"\n", 1)[0].decode("utf-8", "replace")
    cells = next(csv.reader([first]), [])
    return "name" in cells and "time" in cells


def values(path):
    """What each line of a file holds, or `Unreadable` itself."""
    stream = opened(path)
    if stream.peek(3)[:3] == b"\xef\xbb\xbf":
        stream.read(3)
    return from_csv(stream) if is_csv(stream.peek(BLOCK)) else from_ndjson(stream)


# -- what a line tells --------------------------------------------------------------------


def part(event, camel):
    """A member of the event by either spelling; what is JSON in a string is opened."""
    snake = re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), camel)
    value = event.get(camel, event.get(snake))
    if isinstance(value, str):
        try:
            value = parse(value)
        except ValueError:
            return None
    return value


def members(value, key):
    value = value.get(key) if isinstance(value, dict) else None
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value):
    return value if isinstance(value, str) and value else None


def identifier(value):
    """The value of a conjure Identifier, or the raw id."""
    if isinstance(value, dict):
        inner = value.get(value.get("type"))
        value = inner.get("value") if isinstance(inner, dict) else inner
    return text(value)


def told_by_2(event, name):
    """Tellings of an audit.2 event, whose name says what happened and whose category to what."""
    if name not in ("CREATE_TOKEN", "REVOKE_TOKEN"):
        return
    params = part(event, "requestParams")
    category = params.get("_category") if isinstance(params, dict) else None
    if not isinstance(category, dict):
        return
    inner = category.get("tokenGeneration") or category.get("managementTokens")
    ident = text(inner.get("tokenId")) if isinstance(inner, dict) else None
    if not ident:
        return
    if name == "REVOKE_TOKEN":
        yield ("end", ident)
        return
    start, ttl = instant(event.get("time")), seconds_of(inner.get("tokenTtl"))
    end = start + ttl * SECOND if start is not None and ttl else None
    end = end if end is not None and end < YEAR_10000 else None
    yield ("make", 2, ident, text(inner.get("tokenType")), text(event.get("uid")), None, start, end)


def told_by_3(event, name):
    """Tellings of an audit.3 event: by its name, or by its categories."""
    categories = part(event, "categories")
    categories = categories if isinstance(categories, list) else []
    results, requests = part(event, "resultFields"), part(event, "requestFields")
    if name == "CREATE_TOKEN" or "tokenGeneration" in categories:
        users = members({"users": part(event, "users")}, "users")
        names = {user.get("uid"): text(user.get("userName")) for user in users}
        for token in members(results, "generatedTokens"):
            if ident := identifier(token.get("id")):
                owner = text(token.get("userId")) or text(event.get("uid"))
                start, end = instant(event.get("time")), instant(token.get("expirationTime"))
                kind = text(token.get("type"))
                yield ("make", 3, ident, kind, owner, names.get(owner), start, end)
    if name == "REVOKE_TOKEN" or "tokenRevoke" in categories:
        ended = members(results, "revokedTokens")
        if name == "REVOKE_TOKEN" and "managementTokens" in categories:
            ended += members(requests, "managedTokens")
        for token in ended:
            if ident := identifier(token.get("id")):
                yield ("end", ident)


def tellings(event):
    """Everything that one line makes or ends."""
    if not isinstance(event, dict) or event.get("result") != "SUCCESS":
        return []
    told_by = {"audit.2": told_by_2, "audit.3": told_by_3}.get(event.get("type"))
    return list(told_by(event, event.get("name"))) if told_by else []


# -- the fold -----------------------------------------------------------------------------


class Fold:
    """One token per id, whatever the order of the lines."""

    def __init__(self):
        self.made, self.ended, self.told = {}, set(), set()
        names = ("lines", "token_events", "duplicates", "skipped", "unreadable")
        self.counts = dict.fromkeys(names, 0)

    def line(self, value):
        self.counts["lines"] += 1
        if value is Unreadable:
            self.counts["unreadable"] += 1
            return
        told = tellings(value)
        self.counts["token_events" if told else "skipped"] += 1
        if told and all(hash(one) in self.told for one in told):
            self.counts["duplicates"] += 1
        for one in told:
            self.told.add(hash(one))
            if one[0] == "end":
                self.ended.add(one[1])
            else:
                self.make(*one[1:])

    def make(self, schema, ident, *fields):
        ways = self.made.setdefault(ident, {})
        ways[schema] = both(ways[schema], fields) if schema in ways else fields

    def tokens(self):
        """(id, kind, owner, owner name, start, end) of each token made; audit.3 first."""
        for ident, ways in self.made.items():
            two, three = ways.get(2, (None,) * 5), ways.get(3, (None,) * 5)
            pairs = zip(three, two)
            yield (ident, *(better if better is not None else other for better, other in pairs))


def both(one, other):
    """Two makes of one token in one schema."""
    later, earlier = sorted((one, other), key=lambda fields: fields[4] or 0, reverse=True)
    picked = [a if a is not None else b for a, b in zip(later, earlier)]
    starts = [fields[3] for fields in (one, other) if fields[3] is not None]
    picked[3] = min(starts, default=None)
    return tuple(picked)


def state(ident, end, fold, at, window):
    if ident in fold.ended:
        return "revoked"
    if end is None:
        return "unknown_end"
    if end <= at:
        return "expired"
    return "expiring" if end - at <= window else "live"


def answer(fold, at, window, types):
    rows = []
    for ident, kind, owner, owner_name, start, end in fold.tokens():
        if kind is not None and "any" not in types and kind not in types:
            continue
        rows.append({
            "id": ident,
            "kind": kind,
            "owner": owner,
            "owner_name": owner_name,
            "created_at": written(start),
            "expires_at": written(end),
            "state": state(ident, end, fold, at, window),
        })
    rows.sort(key=lambda row: (row["expires_at"] is None, instant(row["expires_at"]), row["id"]))
    counts = dict(fold.counts, created=len(rows))
    for name in STATES:
        counts[name] = sum(row["state"] == name for row in rows)
    return {"generated_at": written(at), "credentials": rows, "counts": counts}


def files(inputs):
    for path in inputs:
        if os.path.isdir(path):
            yield from sorted(os.path.join(path, name) for name in os.listdir(path))
        else:
            yield path


def main():
    parser = argparse.ArgumentParser(description="What `forewarn check` must say.")
    parser.add_argument("--at", required=True)
    parser.add_argument("--within", type=int, default=168, metavar="HOURS")
    parser.add_argument("--token-type", action="append")
    parser.add_argument("inputs", nargs="+")
    args = parser.parse_args()
    fold = Fold()
    for path in files(args.inputs):
        for value in values(path):
            fold.line(value)
    window = args.within * 3600 * SECOND
    print(json.dumps(answer(fold, instant(args.at), window, args.token_type or ["API_TOKEN"])))


if __name__ == "__main__":
    main()
