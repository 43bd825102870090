"""What a compiled index is published as beside the SQLite file: documents, schemas, a feed, tables."""
