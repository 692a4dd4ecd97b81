"""`dagster` as `make ui` starts it: without advice that is for those who start it by hand.

In: Dagster's own arguments. Out: what Dagster does.
"""

from __future__ import annotations

import logging

from dagster._cli import main

# Said at each start where there is a dagster.yaml, as in a checkout, and DAGSTER_HOME is elsewhere.
NOT_FOR_US = "Found a dagster instance configuration value"


def _is_for_us(record: logging.LogRecord) -> bool:
    return NOT_FOR_US not in record.getMessage()


if __name__ == "__main__":
    logging.getLogger("dagster").addFilter(_is_for_us)
    main()  # type: ignore[no-untyped-call]
