"""The application for any WSGI server: ``gunicorn wsgi:app``."""

from rewards_service.app import create_wsgi_app

app = create_wsgi_app()
