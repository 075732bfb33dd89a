"""The sheet: the week of the town on one page of A4, for whoever has no screen, and the round that brings it to them.

Its words: the sheet (one page, made from cards), its edition (what the town hall chose for a week), a code (the five
characters that lead from paper to a card), a round (the letterboxes where nobody has a way to be told).
"""
