"""People: who they are, what they run, and in whose name they speak."""
