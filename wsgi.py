"""The door of web servers: `waitress-serve wsgi:app`, in production unless `TOWN_ENV` says otherwise."""

from town import create_app

app = create_app()
