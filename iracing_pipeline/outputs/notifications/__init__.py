"""Messages to a webhook: what changed, which runs failed; kept until they are acknowledged."""
