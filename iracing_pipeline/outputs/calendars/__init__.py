"""Race calendars to subscribe to: sessions → events → iCalendar files."""
