"""The nouns that features share."""
