"""`python -m iracing_pipeline.cli`."""

from iracing_pipeline.cli import main

main()
