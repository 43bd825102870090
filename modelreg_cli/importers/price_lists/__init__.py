"""Price lists: what an entry of any of them becomes here."""
