"""Complaints: residents report what is broken or wanted; the town hall answers where everybody can read it.

Its words: a report has a number, a category and a place; it is received, read (acknowledged), planned, in progress,
resolved, declined, forwarded or a duplicate. Each step is a line of its timeline. Who reported is never shown.
"""
