"""Who proved their address, and the cards that carry a code."""
