"""Reviews: after something between two neighbours, each says how it went, and everybody reads it later.

Words: an exchange is what took place and was confirmed; a review is what one of the two says of the other; a reply is
the other's one answer to it.
"""
