"""Associations: what they do, who runs them, and the mornings for which they look for arms.

Words: an association has a page; a mission is its call for volunteers, with one or more slots; its hours are validated
afterwards.
"""
