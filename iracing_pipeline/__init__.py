"""iRacing's series, seasons and race schedules in Postgres. See definitions.py and cli.py."""

__version__ = "0.1.0"
