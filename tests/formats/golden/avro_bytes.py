#!/usr/bin/env python3
"""Writes avro_bytes.txt: values in Avro's binary encoding by another library, for the tests to compare with.

A line each: a name, the bytes in hexadecimal, the schema that they were written with.
Needs `pip install fastavro`; the outcome is in the repository, so only who changes this needs it.
"""

import datetime
import decimal
import io
import json
import math
import pathlib
import uuid

import fastavro

HERE = pathlib.Path(__file__).parent
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


def millis(n):
    return EPOCH + datetime.timedelta(milliseconds=n)


def record(fields, name="written"):
    return {"type": "record", "name": name, "fields": [{"name": n, "type": t} for n, t in fields]}


def money(precision, scale, size=None):
    base = {"type": "fixed", "name": f"money{size}", "size": size} if size else {"type": "bytes"}
    return {**base, "logicalType": "decimal", "precision": precision, "scale": scale}


ORDER = json.loads((HERE / "avro_order.avsc").read_text())

SMALL = {
    "id": 1, "at": millis(1_700_000_000_123), "paid": True, "small": -7, "medium": 65535, "large": 9223372036854775807,
    "ratio": 0.5, "main_color": "dark_blue", "note": None, "ship_to": None, "points": None, "items": [], "readings": [],
    "matrix": [],
}
FULL = {
    "id": -9223372036854775808, "at": millis(-1), "paid": False, "small": 127, "medium": 0, "large": 0, "ratio": -1.25,
    "main_color": "red", "note": "Zoë", "ship_to": {"street": "", "number": 12}, "points": [1, -1, 64, -65],
    "items": [
        {"name": "pear", "price": 0.1, "paint": "green", "tags": ["a", ""]},
        {"name": "", "price": -0.0, "paint": None, "tags": []},
    ],
    "readings": [None, 1.5, None], "matrix": [[], [0, 255], [7]],
}

def logical(base, name):
    return {"type": base, "logicalType": name}


LONG = "long"
MICROS = {"type": "long", "logicalType": "timestamp-micros"}
TREE = {
    "type": "record", "name": "tree", "fields": [
        {"name": "value", "type": "int"}, {"name": "children", "type": {"type": "array", "items": "tree"}}],
}
LEAF = {"value": 1, "children": []}
NOON = datetime.datetime(2024, 5, 1, 12, 0, 0, 250_001)

CASES = {
    "small": (ORDER, SMALL),
    "full": (ORDER, FULL),
    "promoted": (
        record([("n", "int"), ("real", "int"), ("wide", "float"), ("text", "bytes"), ("at", MICROS)]),
        {"n": -5, "real": 7, "wide": 0.5, "text": b"abc", "at": EPOCH - datetime.timedelta(microseconds=1)},
    ),
    "long_to_real": (
        record([("n", LONG), ("real", LONG), ("wide", LONG), ("text", "string"), ("at", LONG)]),
        {"n": 1 << 40, "real": 3, "wide": 1 << 40, "text": "x", "at": 5},
    ),
    "other_order_and_more": (
        record([
            ("at", {"type": "long", "logicalType": "timestamp-millis"}), ("gone_null", "null"), ("wide", "double"),
            ("gone_map", {"type": "map", "values": {"type": "array", "items": "string"}}),
            ("gone_fixed", {"type": "fixed", "name": "f", "size": 3}), ("n", "long"), ("gone_tree", TREE),
            ("gone_union", ["null", "string", {"type": "enum", "name": "e", "symbols": ["A", "B"]}]),
            ("text", "string"), ("gone_reals", record([("a", "float"), ("b", "double"), ("c", "boolean")], "reals")),
            ("real", "float"),
        ]),
        {
            "at": millis(9), "gone_null": None, "wide": 2.5, "gone_map": {"k": ["v", "w"], "": []}, "gone_fixed": b"\0\1\2",
            "n": 4, "gone_tree": {"value": 3, "children": [LEAF, {"value": 2, "children": [LEAF, LEAF]}]}, "gone_union": "B",
            "text": "here", "gone_reals": {"a": 1.0, "b": 2.0, "c": True}, "real": 1.5,
        },
    ),
    "unions": (
        record([
            ("n", ["string", "int", "long"]), ("real", ["null", "float"]), ("wide", ["int", "double"]),
            ("text", ["null", "string"]), ("at", ["null", {"type": "long", "logicalType": "timestamp-millis"}]),
        ]),
        {"n": 12, "real": 0.25, "wide": 3, "text": "t", "at": millis(1)},
    ),
    "money_bytes": (record([("amount", money(20, 2)), ("fee", ["null", money(38, 10)])]),
                    {"amount": decimal.Decimal("-12.50"), "fee": decimal.Decimal("1234567890123456789012345678.0123456789")}),
    "money_fixed": (record([("amount", money(18, 3, 8)), ("fee", ["null", money(38, 0, 16)])]),
                    {"amount": decimal.Decimal("0.001"), "fee": decimal.Decimal("-" + "9" * 38)}),
    "times": (
        record([
            ("day", logical("int", "date")), ("before", logical("int", "date")), ("clock", logical("int", "time-millis")),
            ("fine_clock", logical("long", "time-micros")), ("at", logical("long", "timestamp-millis")), ("fine", MICROS),
            ("early", MICROS), ("here", logical("long", "local-timestamp-millis")),
            ("fine_here", logical("long", "local-timestamp-micros")),
        ]),
        {
            "day": NOON.date(), "before": datetime.date(1969, 12, 31), "clock": datetime.time(23, 59, 59, 7_000),
            "fine_clock": datetime.time(0, 1, 2, 3), "at": NOON.replace(tzinfo=UTC), "fine": NOON.replace(tzinfo=UTC),
            "early": EPOCH - datetime.timedelta(microseconds=1), "here": NOON, "fine_here": NOON,
        },
    ),
    "odds": (
        record([
            ("key", logical("string", "uuid")), ("text", "bytes"), ("raw", "bytes"), ("hash", {"type": "fixed", "name": "h", "size": 2}),
            ("price", money(20, 2)), ("huge", money(40, 0)), ("colors", {"type": "map", "values": {
                "type": "enum", "name": "color", "symbols": ["RED", "BLUE"]}}),
            ("nothing", "null"), ("either", ["null", TREE, "string"]), ("many", {"type": "array", "items": ["null", "boolean"]}),
            ("ratio", "float"), ("real", "double"), ("no_number", "double"), ("no_end", "float"), ("none", {"type": "array", "items": "int"}),
        ]),
        {
            "key": uuid.UUID("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"), "text": "Zoë\n".encode(), "raw": b"\xff\0", "hash": b"ab",
            "price": decimal.Decimal("-12.50"), "huge": decimal.Decimal(10**39), "colors": {"sky": "BLUE", "\"": "RED"}, "nothing": None,
            "either": {"value": -1, "children": [LEAF, LEAF]}, "many": [None, True, False], "ratio": 0.1, "real": -0.0,
            "no_number": math.nan, "no_end": -math.inf, "none": [],
        },
    ),
}


def main():
    with (HERE / "avro_bytes.txt").open("w") as out:
        for name, (schema, value) in CASES.items():
            to = io.BytesIO()
            fastavro.schemaless_writer(to, fastavro.parse_schema(schema), value)
            print(name, to.getvalue().hex() or "-", json.dumps(schema, separators=(",", ":")), file=out)


main()
