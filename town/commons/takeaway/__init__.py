"""Copies to take home: one zip that any browser reads, of the whole town for its mayor, of its public part for all."""
