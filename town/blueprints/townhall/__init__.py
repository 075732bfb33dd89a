"""The town hall: its notices (drafted, published, pinned, corrected, withdrawn) and when its door is open.

Anybody may read every notice; only those who live where it concerns people are told.
"""
