"""Neighbours: certified residents know each other by first name, initial and quarter, and see why to trust."""
