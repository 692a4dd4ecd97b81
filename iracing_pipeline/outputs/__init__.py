"""What is made from tables alone: calendars, the report, notifications. No Dagster, no request to iRacing."""
