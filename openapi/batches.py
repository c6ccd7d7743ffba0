"""The schemas of `POST /v1/tokens/batch`.

What is wrong with an item is that item's answer, not an error of the request. So any object is an item here.
"""

from openapi.parts import Schema, closed_object, ref
from openapi.schemas import TOKEN_SCHEMAS
from token_api.batch_routes import MAX_ITEMS
from token_api.schemas import TOKEN_FIELDS

_ISSUED = TOKEN_SCHEMAS["IssuedToken"]
BATCH_SCHEMAS: Schema = {
    "BatchRequest": closed_object(
        {
            **{name: {"description": "The default of the items."} for name in sorted(TOKEN_FIELDS)},
            "items": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_ITEMS,
                "items": {
                    "type": "object",
                    "description": "With the defaults, a TokenRequest. An item that is none gets a 400.",
                },
            },
        },
        ("items",),
    ),
    "BatchAnswer": closed_object(
        {
            "results": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_ITEMS,
                "items": {"oneOf": [ref("BatchedToken"), ref("BatchedProblem")]},
            }
        }
    ),
    "BatchedToken": closed_object(
        {"status": {"const": 200}, **_ISSUED["properties"]}, ("status", *_ISSUED["required"])
    ),
    "BatchedProblem": closed_object(
        {
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "retry_after": {
                "type": "integer",
                "minimum": 0,
                "description": "Seconds after which to send the item again: the single route's Retry-After.",
            },
            "problem": ref("Problem"),
        },
        ("status", "problem"),
    ),
}
