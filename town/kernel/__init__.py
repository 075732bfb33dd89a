"""The machinery: databases, towns, requests, answers. It knows no people and has no page of its own."""
