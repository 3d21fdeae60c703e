"""What the packages `icalendar` and `feedparser` read out of a calendar and a feed.

    read_feed.py CALENDAR FEED

Prints one JSON object: the calendar's events and the feed's entries.
"""

import json
import sys

import feedparser
import icalendar


def events(path):
    with open(path, "rb") as file:
        calendar = icalendar.Calendar.from_ical(file.read())
    return {
        "name": str(calendar.get("X-WR-CALNAME", "")),
        "broken": [str(error) for error in calendar.errors],
        "alarms": sum(1 for part in calendar.walk("VALARM")),
        "events": [
            {
                "uid": str(event["UID"]),
                "summary": str(event["SUMMARY"]),
                "description": str(event["DESCRIPTION"]),
                "start": event.decoded("DTSTART").isoformat(),
                "seconds": event.decoded("DURATION").total_seconds(),
                "sequence": int(event["SEQUENCE"]),
                "modified": event.decoded("LAST-MODIFIED").isoformat(),
                "status": str(event["STATUS"]),
                "transparent": str(event["TRANSP"]) == "TRANSPARENT",
                "broken": [str(error) for error in event.errors],
            }
            for event in calendar.walk("VEVENT")
        ],
    }


def entries(path):
    with open(path, "rb") as file:
        feed = feedparser.parse(file.read())
    return {
        "version": feed.version,
        "broken": bool(feed.bozo),
        "title": feed.feed.title,
        "entries": [
            {"id": e.id, "title": e.title, "link": e.link, "updated": e.updated}
            for e in feed.entries
        ],
    }


if __name__ == "__main__":
    print(json.dumps({"calendar": events(sys.argv[1]), "feed": entries(sys.argv[2])}))
