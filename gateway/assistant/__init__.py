"""The AI is asked: one decision for one brief."""
