"""Which version a provider's name for a model certainly means."""
