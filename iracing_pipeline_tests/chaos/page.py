"""What goes wrong, and what then happens: the page docs/reliability.md.

In: the table of faults. Out: Markdown. As a module: prints it (`make reliability`).
"""

from __future__ import annotations

from iracing_pipeline_tests.chaos.faults import FAULTS
from iracing_pipeline_tests.chaos.promises import HISTORY, Ends, Fault

INTRODUCTION = """# Reliability

What goes wrong, what then happens, for how long at most, and how the command ends. Made by
`make reliability` from the faults that `make chaos` tries.

Each fault is tried with the real command. In front of the login, the API and the storage of a simulated
iRacing are hops that can break an answer at any byte; which request is struck is chosen by the seed
(`make chaos SEED=7`). Afterwards the tables are compared, column by column, with those of an undisturbed
run:

* *As ever*, exit status 0: the tables are those of an undisturbed run.
* With any other exit status the command says what happened, and nothing is lost: the next undisturbed
  sync ends in the tables of an undisturbed run. Where something in a response that has landed could not
  be read, that is the next sync that asks again: with `--refresh`, or once the response has expired.
* In no case is there a traceback, a secret in what is printed, or an item left in quarantine afterwards.

*Seconds* is how much longer than an undisturbed run it takes at most. The command is
`sync --sync-seasons`, with `--sync-past-seasons` where it says *with history*.
"""
FAMILIES = {
    "limits": "The account's requests are used up, or the API says so.",
    "statuses": "The API answers with an error.",
    "maintenance": "iRacing is in maintenance, in each shape that has been seen.",
    "redirects": "An answer leads elsewhere.",
    "links": "The link in an answer, and what is behind it.",
    "logins": "The login service.",
    "tokens": "What it has issued.",
    "bodies": "What is sent in place of JSON, and JSON as nobody should write it.",
    "resets": "The connection is reset (RST) at this place of an answer.",
    "closed connections": "The connection is closed (FIN) at this place of an answer.",
    "silence": "Nothing comes from this place of an answer on. An endpoint is given 30 s, a slow one 120 s.",
    "drips": "An answer comes byte by byte.",
    "down": "A service is down for good.",
    "forecasts": "The files of weather forecasts, which are many, and each dispensable.",
    "poisoned items": "An item of a list cannot be read. It is set aside, and the rest is stored.",
    "odd values": "Values that nobody should send.",
    "lists": "After a sync in which all was well, lists that lack something: nothing is retired.",
    "clocks": "The clocks of API and storage, by which tokens, links and budgets age.",
    "kills": "The process ends in the middle.",
    "at once": "Several processes on one database and one account.",
    "Postgres": "The database.",
}


def page() -> str:
    """The Markdown page."""
    assert {fault.family for fault in FAULTS} == set(FAMILIES)
    lines = [INTRODUCTION]
    for family in FAMILIES:
        lines += [f"## {family[0].upper()}{family[1:]}", "", FAMILIES[family], ""]
        lines += ["| fault | what happens | seconds | exit status |", "|---|---|---|---|"]
        lines += [_line(fault) for fault in FAULTS if fault.family == family]
        lines.append("")
    return "\n".join(lines)


def _line(fault: Fault) -> str:
    history = " (with history)" if fault.command == HISTORY else ""
    cells = (
        f"{fault.name}{history}",
        _happens(fault.ends),
        str(fault.seconds),
        _status(fault.ends),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _happens(ends: Ends) -> str:
    if ends.status == 0:
        return f"as ever{f': {ends.says}' if ends.says else ''}"
    said = "; ".join(filter(None, (f"“{ends.words}”" if ends.words else "", ends.says)))
    return f"as ever, or {said}" if ends.or_done else said


def _status(ends: Ends) -> str:
    return ends.shown or (f"0 or {ends.status}" if ends.or_done else str(ends.status))


if __name__ == "__main__":
    print(page(), end="")
