"""What the packages `scim2-client` and `scim2-tester` say about a SCIM server.

    scim_check.py URL TOKEN

Prints one JSON object: how many checks there were, and those that failed.
"""

import json
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server


def main(url, token):
    http = Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
    results = check_server(SyncSCIMClient(http))
    failed = [r for r in results if r.status in (Status.ERROR, Status.CRITICAL)]
    print(
        json.dumps(
            {
                "passed": sum(1 for r in results if r.status == Status.SUCCESS),
                "failed": [f"{r.title}: {r.reason}" for r in failed],
            }
        )
    )


main(*sys.argv[1:])
