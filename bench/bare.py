"""The bare view that everything is measured against: Flask, the same server, a constant sentence."""

from flask import Flask

app = Flask("bare")


@app.get("/")
def index() -> str:
    return "Bonjour"
