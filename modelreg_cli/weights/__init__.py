"""What the files of weights say of themselves: headers only, never the weights."""
