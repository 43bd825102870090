"""What a change does, and whether it may."""
