"""Certification: residents prove where they live, by a card with a code or at the town hall's desk."""
