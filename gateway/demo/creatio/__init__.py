"""A Creatio to try the gateway against: as strict as the real one, with a switch for what nobody knows of it."""
