"""What can go wrong when a simulator is set up.

In: the one exception that people who start a simulator see. Out: protocol errors, which are HTTP
answers (answers.py), and what a source cannot answer (source.py).
"""


class SimulatorError(RuntimeError):
    """The simulator cannot start: port busy, captures missing or not JSON, bad fault."""

    kind = "misuse"  # the command line's exit status 2
