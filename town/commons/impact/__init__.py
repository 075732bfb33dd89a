"""Impact: what confirmed exchanges have produced. Euros, kilograms of CO2e and links: three counters, never one score.

`factors` are published figures that a town may replace with its own (`changes`); `amounts` are sums that refuse to mix
what must not be added; `tally` counts the figures of `commons.worth`; `recount` does it again with Python alone.
"""
