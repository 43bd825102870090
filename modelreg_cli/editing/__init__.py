"""Writes of people: from what they ask for to files that the catalog is valid with."""
