"""Tests of the writes of people."""
