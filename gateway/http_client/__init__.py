"""An HTTP call with limits, whose errors say what to do; and what other calls outside share: the way, the token."""
