"""The API's own description: OpenAPI 3.1 made from the tables and schemas, and a page to read it on."""
