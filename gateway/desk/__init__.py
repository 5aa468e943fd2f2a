"""What a help desk thinks about a mail: pure."""
