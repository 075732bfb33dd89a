"""Lending: neighbours put things on a shelf that the whole town can see, and borrow them from each other.

Words: an item stands on the shelf; a loan is one neighbour's time with it, from the request to the return.
"""
