"""What a desk sets up, as one JSON document: out, and in again on the same or another system."""
