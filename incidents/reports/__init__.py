"""Reports for those who never open the desk: of one incident, of a month or year, on any paper."""
