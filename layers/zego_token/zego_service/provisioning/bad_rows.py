"""The list of a roster's bad rows, as a table that spreadsheets read as text."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields

# A formula begins a cell. A spreadsheet may split at another separator than the comma, and then quotes mean
# nothing to it, so what follows any separator may begin a cell. Some take the wide signs, too.
# Source: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile("(^|[,;|\t\r\n])([ \"']*)(?=[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20])")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is left out, or that is granted with a warning: why, and whose it is.

    ``row`` is its number as a spreadsheet shows it. Step Functions gives records without the blank lines
    between them, so that after such a line the number is too small there.
    """

    row: int
    field: str
    reason: str
    user_id: str
    room_id: str


ERRORS_COLUMNS = tuple(field.name for field in fields(BadRow))


def errors_csv(bad_rows: Iterable[BadRow]) -> str:
    """The rows as a table in the order of the file. Every cell is quoted, and no cell begins a formula."""
    table = io.StringIO()
    writer = csv.writer(table, quoting=csv.QUOTE_ALL)
    writer.writerow(ERRORS_COLUMNS)
    for bad in sorted(bad_rows, key=lambda bad: bad.row):
        writer.writerow(_harmless(str(cell)) for cell in astuple(bad))
    return table.getvalue()


def _harmless(cell: str) -> str:
    text = cell.encode(errors="replace").decode()  # JSON may have halves of characters, which UTF-8 has not
    return _FORMULA.sub(r"\1\2'", text)
