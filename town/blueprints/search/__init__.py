"""Search: one box over everything the person may see, whatever its feature."""
