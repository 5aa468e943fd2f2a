"""How a command ends: its exit statuses, and an end with a sentence for who called it."""

DONE, NOT_THERE, USAGE, MISCONFIGURED = 0, 1, 2, 78


class Stop(Exception):
    """End the command with this sentence on standard error."""

    def __init__(self, why: str, status: int = NOT_THERE) -> None:
        super().__init__(why)
        self.status = status
