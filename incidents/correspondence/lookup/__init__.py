"""Whom to write to, asked of others: registries by RDAP, contacts by DNS. Off by default."""
