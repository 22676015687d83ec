"""Values as JSON texts, in Spark SQL, with the value that a choice holds in the choice's place.

Spark's own `to_json` would write the struct that a choice is in a DataFrame.
"""

from __future__ import annotations

import json

from awsglue import gluetypes as glue
from awsglue._paths import quote
from awsglue._types import has_marks, members


def has_choice(kind: glue.DataType) -> bool:
    """Tell whether there is a choice in a type, at any depth."""
    if isinstance(kind, glue.StructType):
        return any(has_choice(field.dataType) for field in kind)
    if isinstance(kind, glue.ArrayType):
        return has_choice(kind.elementType)
    if isinstance(kind, glue.MapType):
        return has_choice(kind.valueType)
    return isinstance(kind, glue.ChoiceType)


def json_text(sql: str, kind: glue.DataType, depth: int = 0) -> str:
    """Return the SQL of a value's JSON text: null for null; a struct's null fields are left out.

    Args:
        sql: the value.
        kind: its type.
        depth: how many lambdas the expression is inside of.
    """
    if isinstance(kind, glue.ChoiceType):
        texts = [json_text(f"{sql}.{quote(name)}", one, depth) for name, one in members(kind)]
        return f"coalesce({', '.join(texts)})"
    if not has_choice(kind) and not has_marks(kind):
        return _plain(sql, kind)
    if isinstance(kind, glue.StructType):
        inside = _object([(f"{sql}.{quote(field.name)}", field) for field in kind], depth)
    elif isinstance(kind, glue.ArrayType):
        element = json_text(f"x{depth}", kind.elementType, depth + 1)
        elements = f"transform({sql}, x{depth} -> coalesce({element}, 'null'))"
        inside = f"concat('[', concat_ws(',', {elements}), ']')"
    else:
        assert isinstance(kind, glue.MapType)
        value = json_text(f"x{depth}.value", kind.valueType, depth + 1)
        key = _plain(f"cast(x{depth}.key as string)", glue.StringType())
        entry = f"concat({key}, ':', coalesce({value}, 'null'))"
        entries = f"transform(map_entries({sql}), x{depth} -> {entry})"
        inside = f"concat('{{', concat_ws(',', {entries}), '}}')"
    return f"if(isnull({sql}), null, {inside})"


def json_record(schema: glue.StructType) -> str:
    """Return the SQL of the JSON text of a whole record."""
    return _object([(quote(field.name), field) for field in schema], 0)


def _object(members_of: list[tuple[str, glue.Field]], depth: int) -> str:
    fields = [
        f"concat({_literal(field.name)}, ':', {json_text(sql, field.dataType, depth)})"
        for sql, field in members_of
    ]
    return f"concat('{{', concat_ws(',', {', '.join(fields)}), '}}')"


def _plain(sql: str, kind: glue.DataType) -> str:
    if isinstance(kind, (glue.StructType, glue.ArrayType, glue.MapType)):
        return f"to_json({sql})"
    if isinstance(kind, (glue.NullType, glue.UnknownType)):
        return "cast(null as string)"
    whole = f"to_json(struct({sql} AS v))"  # {"v":…}
    return f"if(isnull({sql}), null, substring({whole}, 6, length({whole}) - 6))"


def _literal(name: str) -> str:
    """Return a name as JSON, as a text of SQL."""
    text = json.dumps(name, ensure_ascii=False)
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
