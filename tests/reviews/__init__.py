"""After an exchange, each says how it went."""
