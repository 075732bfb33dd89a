"""Accounts: Flask-Security's primitives (Argon2, second factors) behind our own screens."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Prepare password hashing and second factors."""
