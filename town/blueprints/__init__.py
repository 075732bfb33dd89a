"""The doors of the town: one folder a feature. None imports another; switch one off and the town still runs."""
