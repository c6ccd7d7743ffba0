"""`make provision FILE=roster.csv`: checks a roster, then uploads it or runs it over an embedded AWS.

With BUCKET, the roster goes to that bucket with your own AWS credentials, where the state machine finds
it. Without, it goes through the provisioner's own handler on this machine, and no account is touched.
"""

import argparse
import signal
import sys

STOPPED = (
    "Stopped. Run it again: rows that were written are written again to the same, "
    "and S3 keeps nothing of a roster that did not arrive whole."
)
INTERRUPTED = 130  # the exit status after Ctrl-C


def main() -> None:
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    try:
        from local.provision_steps import provision  # slow: Ctrl-C must work meanwhile

        given = _arguments()
        status = provision(given.file, given.bucket, given.app_id, given.tolerated, force=given.force)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print(f"\n{STOPPED}", file=sys.stderr)
        status = INTERRUPTED
    sys.exit(status)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make provision", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", metavar="FILE", help="a roster, .csv or .jsonl")
    parser.add_argument("--bucket", default="", help="upload to this bucket, the stack's output BucketName")
    parser.add_argument("--app-id", default="", help="the app that the rows are for; the demo app by default")
    parser.add_argument("--tolerated", default="5", help="bad rows, in percent, up to which it is uploaded")
    parser.add_argument("--force", action="store_true", help="upload it with more bad rows, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
