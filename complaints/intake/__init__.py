"""STAGE: what comes in from outside: mail and mail logs."""
