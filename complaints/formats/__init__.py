"""One file a complaint format, and what they share. PURE."""
