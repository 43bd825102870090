"""The price map of LiteLLM."""
