"""Keys and values of every kind, written by Confluent's client.

confluent_values.py avro BROKERS REGISTRY TOPIC       two records, with keys in Avro; their schema refers to another one
confluent_values.py protobuf BROKERS REGISTRY TOPIC   likewise two messages, with keys that are text
"""

import datetime
import decimal
import json
import sys
import uuid

from confluent_kafka import Producer
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.schema_registry.schema_registry_client import SchemaReference
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2

UTC = datetime.timezone.utc
ADDRESS = {"type": "record", "name": "Address", "namespace": "shop", "fields": [{"name": "street", "type": "string"}]}
ORDER = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "placed", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "due", "type": ["null", {"type": "int", "logicalType": "date"}]},
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 2}},
        {"name": "ship_to", "type": ["null", "shop.Address"]},
        {"name": "tags", "type": {"type": "map", "values": ["long", "string"]}},
    ],
}
ID = uuid.UUID("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")
PLACED = datetime.datetime(2024, 5, 1, 12, 0, 0, 250_001, UTC)
FULL = {
    "id": ID, "placed": PLACED, "due": datetime.date(2024, 5, 31), "total": decimal.Decimal("-12.50"),
    "ship_to": {"street": "Rue de l’Étoile"}, "tags": {"n": 5, "s": "five"},
}
BARE = {"id": ID, "placed": PLACED, "due": None, "total": decimal.Decimal("0.00"), "ship_to": None, "tags": {}}


def write_avro(registry, topic):
    key_of, value_of = (SerializationContext(topic, field) for field in (MessageField.KEY, MessageField.VALUE))
    registry.register_schema(f"{topic}-address", Schema(json.dumps(ADDRESS), "AVRO"))
    reference = SchemaReference("shop.Address", f"{topic}-address", 1)
    keys = AvroSerializer(registry, '"long"')
    values = AvroSerializer(registry, Schema(json.dumps(ORDER), "AVRO", [reference]))
    for key, value in ((1, FULL), (-2, BARE)):
        yield keys(key, key_of), values(value, value_of)


def message_classes():
    """Of shop.proto, which imports kinds.proto and the time that comes with Protobuf."""
    kinds = descriptor_pb2.FileDescriptorProto(name="kinds.proto", package="shop", syntax="proto3")
    kind = kinds.enum_type.add(name="Kind")
    kind.value.add(name="BOOK", number=0)
    kind.value.add(name="PEN", number=1)
    shop = descriptor_pb2.FileDescriptorProto(name="shop.proto", package="shop", syntax="proto3")
    shop.dependency.extend(["kinds.proto", timestamp_pb2.DESCRIPTOR.name])
    order = shop.message_type.add(name="Order")
    field = descriptor_pb2.FieldDescriptorProto
    order.field.add(name="id", number=1, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    order.field.add(name="total_cents", number=2, type=field.TYPE_INT64, label=field.LABEL_OPTIONAL)
    order.field.add(name="kind", number=3, type=field.TYPE_ENUM, type_name=".shop.Kind", label=field.LABEL_OPTIONAL)
    order.field.add(
        name="placed", number=4, type=field.TYPE_MESSAGE, type_name=".google.protobuf.Timestamp", label=field.LABEL_OPTIONAL)
    order.field.add(name="lines", number=5, type=field.TYPE_MESSAGE, type_name=".shop.Order.Line", label=field.LABEL_REPEATED)
    line = order.nested_type.add(name="Line")
    line.field.add(name="count", number=1, type=field.TYPE_SINT32, label=field.LABEL_OPTIONAL)
    pool = descriptor_pool.Default()
    pool.Add(kinds)
    pool.Add(shop)
    return [message_factory.GetMessageClass(pool.FindMessageTypeByName(name)) for name in ("shop.Order", "shop.Order.Line")]


def write_protobuf(registry, topic):
    order, line = message_classes()
    context = SerializationContext(topic, MessageField.VALUE)
    full = order(id="a", total_cents=5, kind=1, lines=[line(count=-3), line()])
    full.placed.FromDatetime(PLACED)
    for key, value in (("ada", full), ("bob", line(count=7))):
        serializer = ProtobufSerializer(type(value), registry, {"use.deprecated.format": False})
        yield key, serializer(value, context)


def main():
    kind, brokers, url, topic = sys.argv[1:]
    producer = Producer({"bootstrap.servers": brokers})
    records = write_avro if kind == "avro" else write_protobuf
    for key, value in records(SchemaRegistryClient({"url": url}), topic):
        producer.produce(topic, key=key, value=value)
    if producer.flush(30) != 0:
        sys.exit("not all is written")


main()
