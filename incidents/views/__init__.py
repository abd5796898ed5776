"""One file a screen: look up, make one call, answer."""
