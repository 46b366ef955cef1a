"""The revisions, one file each, named after its identity."""
