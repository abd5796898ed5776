"""What can be looked for in a complaint: addresses, IDs, times, hops. PURE."""
