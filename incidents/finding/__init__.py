"""Search across all: what is asked for, the index of words, and what is found."""
