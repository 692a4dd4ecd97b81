"""What the pipeline records about itself: sync runs, calls, quarantine, drift, state, retention."""
