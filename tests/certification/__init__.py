"""Residents prove where they live."""
