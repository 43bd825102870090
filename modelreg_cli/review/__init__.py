"""What a change does to a catalog, and whether it may."""
