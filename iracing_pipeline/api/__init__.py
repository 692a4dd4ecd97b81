"""iRacing over HTTP: OAuth, signed links, request budget, bounded retries, typed failures.

In: endpoint and parameters. Out: parsed JSON, or one of four kinds of error.
No SQL, no Dagster, no knowledge of what the JSON means. Start reading at `client.py`.
"""
