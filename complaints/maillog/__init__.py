"""Reading the logs of mail servers. PURE: lines in, Passages and RefusedAttempts out."""
