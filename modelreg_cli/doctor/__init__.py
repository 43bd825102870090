"""Whether a catalog is guarded as its policy says: from its files, and from the rules of its forge."""
