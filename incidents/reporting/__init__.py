"""Read only: how many, how long, who."""
