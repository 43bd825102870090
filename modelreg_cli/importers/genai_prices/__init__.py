"""The prices of genai-prices."""
