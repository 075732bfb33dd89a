"""Moderation: anybody reports an abuse and follows it, moderators decide with reasons, somebody else judges appeals.

Its words: a report (of an abuse, not of a street problem) has a receipt; reports of one content make a case; a decision
keeps or hides; its author reads it in a statement.
"""
