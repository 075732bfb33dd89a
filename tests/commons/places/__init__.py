"""Addresses, streets, quarters and the files they come from."""
