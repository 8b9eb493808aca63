"""Hands every message of a plan to segment-analytics-python, and says what the library said."""

import json
import sys

from segment.analytics.client import Client

ARGUMENTS = {
    "userId": "user_id",
    "previousId": "previous_id",
    "groupId": "group_id",
}

with open(sys.argv[1], encoding="utf-8") as file:
    plan = json.load(file)
errors = []
client = Client(
    plan["write_key"],
    host=plan["host"],
    gzip=plan["gzip"],
    upload_size=plan["flush_at"],
    on_error=lambda error, _: errors.append(str(error)),
)
for message in plan["messages"]:
    kind = message.pop("type")
    getattr(client, kind)(**{ARGUMENTS.get(name, name): value for name, value in message.items()})
client.flush()
client.shutdown()
print(json.dumps({"errors": errors}))
