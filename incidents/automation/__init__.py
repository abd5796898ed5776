"""STAGE: what the program does by itself, by rules that a desk writes."""
