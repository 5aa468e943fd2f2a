"""How a mail finds its conversation: pure."""
