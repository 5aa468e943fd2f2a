"""The cellar: everything the gateway remembers."""
