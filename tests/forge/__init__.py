"""Forges: addresses, pull requests."""
