"""What the people of a desk share: what waits for them, what they did about it, who is where."""
