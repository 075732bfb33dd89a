"""The app in the hand: what makes the town installable and readable without network."""
