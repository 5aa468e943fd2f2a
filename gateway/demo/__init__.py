"""The toy world: a Creatio simulator, a mailbox and five mails."""
