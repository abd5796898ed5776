"""STAGE: whether blocklists have hosts of ours, asked by DNS while an incident is open."""
