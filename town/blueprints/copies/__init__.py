"""Copies: the whole town on a stick for its mayor, the public part for anybody, and when the last backup was tried."""
