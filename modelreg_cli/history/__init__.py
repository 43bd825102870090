"""What became true when: events from Git, and the SQLite file that keeps them (history.db)."""
