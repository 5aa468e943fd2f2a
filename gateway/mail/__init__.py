"""One mail, understood: pure functions from bytes to values and back."""
