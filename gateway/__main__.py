"""`python -m gateway` and the command `gateway`."""

import sys

from gateway.cli.commands import run


def main() -> int:
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
