"""Faults: what happens to a town when its server, its disk, its clock or its visitors misbehave.

`make faults` runs each at length and prints what was found; the suite runs each in a short form.
"""
