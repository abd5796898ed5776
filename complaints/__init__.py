"""What came in, and which mail it is about."""
