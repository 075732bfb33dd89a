"""Backups: one archive a town, made while people write, opened and counted before it counts, and put back.

An archive is a zip (`manifest.py` says what is in it); `sealing.py` encrypts it to the operator's public key.
"""
