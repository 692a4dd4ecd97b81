"""The sync engine: fetch → read → write, batch by batch, and rebuild. It knows no orchestrator.

In: services, a session, options. Out: events, each after its commit (result.py). Usable from cron, from a
notebook, from a test: see docs/architecture.md.
"""
