"""The JSON API: what other programs may ask and hand in."""
