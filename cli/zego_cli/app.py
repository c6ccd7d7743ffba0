"""The commands and options of `zego-token`."""

import json
import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from zego_cli import commands
from zego_cli.errors import FOUND
from zego_cli.keys import KeyOptions, app_id_of
from zego_cli.service import Service, service_at
from zego_cli.values import parse_duration
from zego_cli.wanted import Product, Wanted, product_of
from zego_token import __version__

_EXIT = (
    "Exit statuses: 0 done; 1 something is wrong with a token, a row, a secret or a deployment; "
    "2 a wrong argument; 3 no usable secret or credentials; 4 AWS or the service refused or cannot be "
    "reached; 130 stopped."
)
_COLUMNS = min(shutil.get_terminal_size().columns, 100)
app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its boxes cut the names of options in narrow terminals
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": _COLUMNS},
    epilog=_EXIT,
)
secret_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Check a ServerSecret, or store it."
)
app.add_typer(secret_app, name="secret")

AppId = Annotated[
    str | None, typer.Option("--app-id", metavar="N", help="The AppID; else ZEGO_APP_ID.", show_default=False)
]
SecretFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="A file with the ServerSecret, - for standard input; else ZEGO_SERVER_SECRET."
    ),
]
SecretId = Annotated[
    str | None,
    typer.Option(metavar="ID", help="Name or ARN in Secrets Manager; else it is asked for at the terminal."),
]
Profile = Annotated[str | None, typer.Option(metavar="NAME", help="The AWS profile.")]
Region = Annotated[str | None, typer.Option(metavar="NAME", help="The AWS region.")]
Api = Annotated[str | None, typer.Option(metavar="URL", help="Ask a deployed service instead.")]
JwtFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A file with the JWT for --api; else requests are signed (SigV4)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]
Ttl = Annotated[str, typer.Option(metavar="TIME", help="How long it is valid: 3600, 90m, 1h, 7d.")]
ProductOption = Annotated[Product, typer.Option("--product", help="What it is for.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"zego-token {__version__}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Write the version.")
    ] = False,
) -> None:
    """Make, inspect and check ZEGO tokens, secrets and deployments."""


@app.command()
def create(
    user: Annotated[str, typer.Argument(metavar="USER", help="The user id.", show_default=False)],
    app_id: AppId = None,
    room: Annotated[str | None, typer.Option(metavar="R", help="The one room that it opens.")] = None,
    publish: Annotated[bool, typer.Option("--publish", help="Let the user publish.")] = False,
    stream: Annotated[
        list[str] | None, typer.Option(metavar="S", help="The only stream to publish; may be repeated.")
    ] = None,
    ttl: Ttl = "1h",
    product: ProductOption = Product.RTC,
    kit: Annotated[bool, typer.Option("--kit", help="Write a kit token, for UIKit.")] = False,
    name: Annotated[str | None, typer.Option(metavar="N", help="The name that UIKit shows.")] = None,
    v3: Annotated[bool, typer.Option("--v3", help="Make a token03, the older kind.")] = False,
    as_json: AsJson = False,
    curl: Annotated[
        bool, typer.Option("--curl", help="Write the curl command that asks the service of --api for it.")
    ] = False,
    api: Api = None,
    jwt_file: JwtFile = None,
    secret_file: SecretFile = None,
    secret_id: SecretId = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Make a token, and write it alone to standard output."""
    wanted = Wanted(
        user_id=user,
        seconds=parse_duration(ttl),
        app_id=app_id_of(app_id),
        room_id=room,
        publish=publish,
        stream_ids=tuple(stream or ()),
        product=product_of(product, is_kit=kit),
        is_kit=kit,
        name=name,
        is_v3=v3,
    )
    wanted.check()
    if curl:
        commands.write_curl(wanted, api, jwt_file)
        return
    service = _service(api, jwt_file, profile, region)
    made = commands.maker(service, KeyOptions(secret_file, secret_id, profile, region), app_id)(wanted)
    commands.warn(made, wanted)
    text = json.dumps(made) if as_json else made["kit_token"] if kit else made["token"]
    typer.echo(text)


@app.command(short_help="Make a token for each row of a CSV file.")
def batch(
    seats: Annotated[
        Path, typer.Argument(metavar="SEATS.CSV", help="The file of seats; - for standard input.")
    ],
    app_id: AppId = None,
    ttl: Ttl = "1h",
    product: ProductOption = Product.RTC,
    kit: Annotated[bool, typer.Option("--kit", help="Make kit tokens too, for UIKit.")] = False,
    api: Api = None,
    jwt_file: JwtFile = None,
    secret_file: SecretFile = None,
    secret_id: SecretId = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Make a token for each row of a CSV file, and write the rows with their tokens to standard output.

    The columns are user_id, and any of room_id, publish, stream_ids (with ';' between), ttl and name. Wrong
    rows are named on standard error and left out; the exit status is 1 then.
    """
    defaults = Wanted(
        user_id="",
        seconds=parse_duration(ttl),
        app_id=app_id_of(app_id),
        product=product_of(product, is_kit=kit),
        is_kit=kit,
    )
    service = _service(api, jwt_file, profile, region)
    options = KeyOptions(secret_file, secret_id, profile, region)
    if commands.write_batch(seats, defaults, lambda: commands.maker_of_all(service, options, app_id)):
        raise typer.Exit(FOUND)


@app.command(short_help="Show what is in a token, and what is wrong.")
def inspect(
    token: Annotated[str, typer.Argument(metavar="TOKEN|-", help="The token; - reads standard input.")],
    app_id: AppId = None,
    user: Annotated[str | None, typer.Option(metavar="USER", help="The user who logs in with it.")] = None,
    room: Annotated[str | None, typer.Option(metavar="R", help="The room that is joined with it.")] = None,
    product: ProductOption = Product.RTC,
    as_json: AsJson = False,
    no_secret: Annotated[
        bool, typer.Option("--no-secret", help="Look from outside; ask for no secret.")
    ] = False,
    api: Api = None,
    jwt_file: JwtFile = None,
    secret_file: SecretFile = None,
    secret_id: SecretId = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Show what is in a token, and say what is wrong with it; the exit status is 1 then."""
    compared_with: dict[str, Any] = {
        "app_id": app_id_of(app_id),
        "user_id": user,
        "room_id": room,
        "product": product.value,
    }
    service = _service(api, jwt_file, profile, region)
    options = None if no_secret else KeyOptions(secret_file, secret_id, profile, region)
    if commands.show_inspection(token, service, options, compared_with, as_json=as_json):
        raise typer.Exit(FOUND)


@secret_app.command("check")
def secret_check(
    secret_file: SecretFile = None,
    secret_id: SecretId = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Check the form of a ServerSecret. It is never shown."""
    if not commands.check_secret(KeyOptions(secret_file, secret_id, profile, region)):
        raise typer.Exit(FOUND)


@secret_app.command("put")
def secret_put(
    secret_id: Annotated[
        str | None, typer.Option(metavar="ID", help="Name or ARN of the secret to store it in.")
    ] = None,
    stack: Annotated[str | None, typer.Option(metavar="NAME", help="The stack whose secret it is.")] = None,
    secret_file: SecretFile = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Check a ServerSecret and store it in Secrets Manager."""
    commands.put_secret(KeyOptions(secret_file, None, profile, region), secret_id, stack)


@app.command(short_help="Check a deployment from outside.")
def doctor(
    stack: Annotated[
        str, typer.Option("--stack", metavar="NAME", help="The stack's name.", show_default=False)
    ],
    api: Annotated[
        str | None, typer.Option(metavar="URL", help="The API, if not the stack's ApiUrl.")
    ] = None,
    jwt_file: JwtFile = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Check a deployment from outside, and say what to do; the exit status is 1 where something is wrong."""
    if commands.examine_stack(stack, api, jwt_file, profile, region, as_json=as_json):
        raise typer.Exit(FOUND)


def _service(
    api: str | None, jwt_file: Path | None, profile: str | None, region: str | None
) -> Service | None:
    return None if api is None else service_at(api, jwt_file, profile, region)
