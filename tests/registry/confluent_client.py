"""Orders in Avro, written and read by Confluent's client.

confluent_client.py write BROKERS REGISTRY TOPIC    writes three orders, of two versions of a schema
confluent_client.py read BROKERS REGISTRY TOPIC N   prints N orders as JSON, one a line
"""

import json
import sys

from confluent_kafka import Consumer, Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

FIRST = {
    "type": "record",
    "name": "Purchase",
    "namespace": "shop",
    "fields": [
        {"name": "clerk", "type": {"type": "array", "items": "string"}},  # nothing that Leat's record has
        {"name": "quantity", "type": "int"},
        {"name": "id", "type": "string"},
    ],
}
SECOND = {
    "type": "record",
    "name": "Purchase",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "quantity", "type": "long"},
        {"name": "note", "type": ["null", "string"], "default": None},
    ],
}


def write(brokers, registry, topic):
    producer = Producer({"bootstrap.servers": brokers})
    context = SerializationContext(topic, MessageField.VALUE)
    as_first = AvroSerializer(registry, json.dumps(FIRST))
    as_second = AvroSerializer(registry, json.dumps(SECOND))
    for serializer, order in (
        (as_first, {"id": "a", "quantity": 1, "clerk": ["Ada", "Grace"]}),
        (as_second, {"id": "b", "quantity": 5_000_000_000, "note": "as a gift"}),
        (as_first, {"id": "c", "quantity": 3, "clerk": []}),
    ):
        producer.produce(topic, serializer(order, context))
    if producer.flush(30) != 0:
        sys.exit("not all is written")


def read(brokers, registry, topic, count):
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    deserializer = AvroDeserializer(registry)
    context = SerializationContext(topic, MessageField.VALUE)
    for _ in range(count):
        message = consumer.poll(30)
        if message is None or message.error():
            sys.exit(f"no record: {message and message.error()}")
        print(json.dumps(deserializer(message.value(), context), sort_keys=True))
    consumer.close()


def main():
    verb, brokers, url, topic, *count = sys.argv[1:]
    registry = SchemaRegistryClient({"url": url})
    if verb == "write":
        write(brokers, registry, topic)
    else:
        read(brokers, registry, topic, int(count[0]))


main()
