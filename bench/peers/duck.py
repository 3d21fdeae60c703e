"""DuckDB folding an audit log in three forms, two threads; prints what each took and found.

Arguments: the log. Only the query is timed, not the start of Python.
"""

import json
import sys
import time

import duckdb

LOG = sys.argv[1].replace("'", "''")

# A line as text; only those that hold a name that tells are taken apart.
LINES = f"""SELECT line AS doc FROM read_csv('{LOG}', columns = {{'line': 'VARCHAR'}}, delim = chr(1),
    quote = '', escape = '', header = false, auto_detect = false, max_line_size = 1048576)
    WHERE contains(line, 'CREATE_TOKEN"') OR contains(line, 'REVOKE_TOKEN"')"""
OBJECTS = f"""SELECT json AS doc FROM read_ndjson_objects('{LOG}')
    WHERE contains(json::VARCHAR, 'CREATE_TOKEN"') OR contains(json::VARCHAR, 'REVOKE_TOKEN"')"""
TYPED = f"""SELECT name, result, time, request_params AS params FROM read_ndjson('{LOG}', columns =
    {{'name': 'VARCHAR', 'result': 'VARCHAR', 'time': 'VARCHAR', 'request_params': 'JSON'}})
    WHERE name IN ('CREATE_TOKEN', 'REVOKE_TOKEN')"""

TAKEN_APART = """SELECT doc->>'$.name' AS name, doc->>'$.result' AS result, doc->>'$.time' AS time,
    doc->'$.request_params' AS params FROM ({})"""

FOLD = """WITH events AS ({}), fine AS (SELECT * FROM events WHERE result = 'SUCCESS'),
    made AS (SELECT params->>'$._category.tokenGeneration.tokenId' AS id,
        epoch(time::TIMESTAMP) + (params->>'$._category.tokenGeneration.tokenTtl')::BIGINT AS ends
        FROM fine WHERE name = 'CREATE_TOKEN'),
    ended AS (SELECT params->>'$._category.managementTokens.tokenId' AS id
        FROM fine WHERE name = 'REVOKE_TOKEN')
    SELECT (SELECT count(DISTINCT id) FROM made), (SELECT count(DISTINCT id) FROM ended),
        (SELECT sum(ends) FROM made WHERE id NOT IN (SELECT id FROM ended))"""

base = duckdb.connect(config={"threads": 2})
took = {}
for name, events in {
    "lines": TAKEN_APART.format(LINES),
    "objects": TAKEN_APART.format(OBJECTS),
    "typed": TYPED,
}.items():
    began = time.perf_counter()
    made, ended, _ = base.execute(FOLD.format(events)).fetchone()
    took[name] = {"seconds": time.perf_counter() - began, "made": made, "ended": ended}
print(json.dumps(took))
