"""Is it fixed? Probes and the mail log, and the verdict they allow."""
