"""Certified residents know each other."""
