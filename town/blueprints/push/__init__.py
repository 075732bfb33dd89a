"""Push: the page where a phone learns to ring: for whoever is signed in on it, or for a place, without account.

Its words: a phone (any browser that can ring), to follow (a street, a quarter or the town), to move (a browser gives
its phone another address, or takes the town's new key).
"""
