"""The founding case of January 1998, written anew and played through the real path."""
