"""The exit statuses, and the error that ends a command."""

FOUND = 1  # something is wrong with a token, a row, a secret or a deployment
USAGE = 2  # an argument or option is wrong
NO_KEY = 3  # there is no usable secret, or there are no usable credentials
UNREACHABLE = 4  # AWS or the service cannot be reached, or refused
INTERRUPTED = 130


class CommandError(Exception):
    """Ends the command with one line on standard error. It never holds a secret or a token."""

    def __init__(self, message: str, status: int = USAGE) -> None:
        super().__init__(message)
        self.status = status
