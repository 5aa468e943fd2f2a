"""Nobody answers: everything goes to people."""

from gateway.desk.brief import Brief
from gateway.desk.decision import Decision, HandOff


class Absent:
    async def decide(self, brief: Brief) -> Decision:
        return HandOff("no assistant is set up")

    async def close(self) -> None:
        """Nothing is open."""
