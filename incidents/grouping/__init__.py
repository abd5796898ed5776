"""STAGE: linked to grouped. One incident out of many complaints, and from the log alone."""
