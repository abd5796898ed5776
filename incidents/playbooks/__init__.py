"""PURE: the playbooks that come with the program, one file each."""
