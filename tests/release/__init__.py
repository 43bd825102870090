"""Publishing and pulling: what readers get is whole, signed, and never older than what they had."""
