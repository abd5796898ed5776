"""What may happen to an incident: its tasks, their due times, its state."""
