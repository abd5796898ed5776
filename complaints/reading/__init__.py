"""Reading strangers' mail in a child process that may be killed at any time."""
