"""Views of the console: a form or an address in, one operation or some queries, a page out."""
