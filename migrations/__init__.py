"""The history of the schema: numbered revisions, each with a way up and a way down, on SQLite and PostgreSQL."""
