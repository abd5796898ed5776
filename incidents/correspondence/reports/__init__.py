"""What goes with a letter as evidence: reports that programs read, and log extracts, redacted."""
