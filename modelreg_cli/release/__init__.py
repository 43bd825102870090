"""The compiled index as a signed artifact: manifest, channels, publishing and pulling."""
