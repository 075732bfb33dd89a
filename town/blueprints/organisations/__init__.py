"""Organisations: who runs the page of a shop or an association, who asks to, and how it passes to the next.

Words: a claim asks the town hall for a page; a duty is running it, or helping to; an invitation asks somebody to join.
"""
