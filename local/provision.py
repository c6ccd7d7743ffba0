"""`make provision FILE=roster.csv`: checks a roster, then uploads it or runs it over an embedded AWS.

With BUCKET, the roster goes to that bucket with your own AWS credentials, where the state machine finds
it. Without, it goes through the provisioner's own handler on this machine, and no account is touched.
APP_ID is the app that the rows are for, the demo app by default. TOLERATED is the percentage of bad rows up
to which a roster is uploaded; FORCE uploads it with more.
"""

import os
import signal
import sys

from local.arguments import stopping, whole_number, yes_or_no
from local.terminal import INTERRUPTED

STOPPED = "Stopped. Run it again: rows are rewritten unchanged; no partial upload is kept."


def main() -> None:
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    try:
        status = _provision()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print(f"\n{STOPPED}", file=sys.stderr)
        status = INTERRUPTED
    sys.exit(status)


def _provision() -> int:
    file, bucket, app_id = (os.environ.get(name, "").strip() for name in ("FILE", "BUCKET", "APP_ID"))
    with stopping():
        tolerated = whole_number(os.environ, "TOLERATED", 5, least=0, most=100)
        force = yes_or_no(os.environ, "FORCE")
    if not file:
        sys.exit("Name a roster: make provision FILE=events/roster.csv")
    from local.provision_steps import provision  # slow: errors come before it, and Ctrl-C works meanwhile

    return provision(file, bucket, app_id, tolerated, force=force)


if __name__ == "__main__":
    main()
