"""The counter, where an agent writes for a resident."""
