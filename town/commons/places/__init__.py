"""Places: the addresses, streets and quarters of the town, from its official address file."""
