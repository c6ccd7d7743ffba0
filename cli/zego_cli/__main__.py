"""`python -m zego_cli` is `zego-token`."""

from zego_cli.entry import main

main()
