"""Directory import: the town hall lists shops and associations from the national registers, and may undo it."""
