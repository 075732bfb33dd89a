"""Impact: what sharing has produced in the town, counted from confirmed exchanges, for anybody to check.

Words: a counter is euros, kilograms of CO2e or links; a figure opens its computation, down to the factors' sources.
"""
