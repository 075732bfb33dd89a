"""Shops: the town's shops, craftspeople and producers, when they are open, and what they offer today.

Words: a shop is one of them, whatever it sells; its trade says what; its hours are those of its week, and closures the
days that differ; an offer is what it puts in its window until an hour or a day. Whoever runs a shop keeps its page; the
town hall may too.
"""
