"""Places: the town's doors and streets for maps and address fields, from its own file. No tile server is asked."""
