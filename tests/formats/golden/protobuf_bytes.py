#!/usr/bin/env python3
"""Writes protobuf_bytes.txt: messages as another library encodes them, for the tests to compare with.

A line each: a name, the bytes in hexadecimal. Needs `pip install protobuf` and `protoc`; the outcome is in the repository, so only
who changes this needs it.
"""

import pathlib
import subprocess
import tempfile

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, timestamp_pb2

HERE = pathlib.Path(__file__).parent

CASES = {
    "nothing": ("leat.testing.parcel", {}),
    "full": ("leat.testing.parcel", {
        "id": "-9223372036854775808", "at": "2023-11-14T22:13:20.123Z", "paid": True, "small": -128, "medium": 65535,
        "large": "18446744073709551615", "plain": -1, "ratio": -1.25, "weight": 0.1, "price": "-12.50", "text": "Zoë",
        "mainColor": "dark_blue", "note": "", "number": "0", "shipTo": {"street": "", "number": 12}, "from": {"street": "here"},
        "points": [1, -1, 0, 300], "readings": [0.5, -0.0], "tags": ["", "a"],
        "items": [{"name": "pear", "price": 1.5, "paint": "red", "tags": ["x"]}, {}],
        "stops": ["1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z"], "paints": ["green", "red"],
    }),
    "other": ("other.parcel", {
        "id": "5", "at": "-7", "small": -3, "medium": 9, "large": "10", "plain": -11, "weight": 0.5, "text": "YWL/",
        "mainColor": "dark_blue", "number": "-64", "points": [1, -2], "readings": [1.5, 2.5], "paints": ["green", "dark_blue"],
        "gone": {"a": "x", "b": [1, 2]}, "goneMap": {"k": {"street": "s"}}, "goneInner": {"more": [{"number": 3}]},
    }),
}


def descriptors(text):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "made.proto").write_text(text)
        out = pathlib.Path(folder) / "made.bin"
        subprocess.run(["protoc", f"-I{folder}", "-I/usr/include", f"--descriptor_set_out={out}", "made.proto"], check=True)
        return descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())


def main():
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    for number, name in enumerate(["parcel.proto", "other_parcel.proto"]):
        for file in descriptors((HERE / name).read_text()).file:
            file.name = f"made{number}.proto"
            pool.Add(file)
    with (HERE / "protobuf_bytes.txt").open("w") as out:
        for name, (message, value) in CASES.items():
            made = message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName(message))()
            json_format.ParseDict(value, made)
            print(name, made.SerializeToString(deterministic=True).hex() or "-", file=out)


main()
