// Our reading of messages of Protobuf beside the library's, of the same bytes: see docs/decisions/0016-….

#include <leat/bench/connectors/connectors.hpp>

#include <leat/bench/connectors/rates.hpp>
#include <leat/bench/connectors/some_orders.hpp>
#include <leat/connectors/formats/dynamic_protobuf.hpp>
#include <leat/connectors/formats/protobuf.hpp>

#include <order_messages.pb.h>

#include <vector>

namespace leat {

namespace {

using namespace bench;
using orders::order_event;

/// Reads the same records again and again. @returns those of the last time in `slots`.
template <class T>
rate decode_rate(const format& f, const encoded_records& bytes, std::vector<T>& slots) {
  const auto decoder = f.make_decoder(schema_of<T>());
  std::vector<raw_record> raw(bytes.size());
  for (std::size_t i = 0; i < raw.size(); ++i)
    raw[i].payload = bytes[i];
  slots.resize(raw.size());
  std::vector<rejection> rejected;
  const auto found = measured([&] {
    decoder->decode(raw, slots.data(), sizeof(T), rejected);
    return bytes.bytes.size();
  });
  if (!rejected.empty())
    give_up(rejected.front().reason);
  return found;
}

/// What it takes to come from the library's class to a struct.
void copy(const order_messages::order_event& from, order_event& to) {
  to.event_type = static_cast<orders::event_kind>(from.event_type());
  to.event_id = from.event_id();
  to.order_id = from.order_id();
  to.customer_id = from.customer_id();
  (void)decimal::parse(from.total_amount(), to.total_amount);
  to.items.resize(static_cast<std::size_t>(from.items_size()));
  for (int i = 0; i < from.items_size(); ++i) {
    auto& item = to.items[static_cast<std::size_t>(i)];
    item.sku = from.items(i).sku();
    item.quantity = from.items(i).quantity();
    (void)decimal::parse(from.items(i).price(), item.price);
  }
  to.status = from.status();
  to.timestamp = from_millis(from.timestamp().seconds() * 1'000 + from.timestamp().nanos() / 1'000'000);
}

rate copy_rate(const encoded_records& bytes, std::vector<order_event>& slots) {
  slots.resize(bytes.size());
  order_messages::order_event message;
  return measured([&] {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto one = bytes[i];
      if (!message.ParseFromArray(one.data(), static_cast<int>(one.size())))
        give_up("the library reads no message");
      copy(message, slots[i]);
    }
    return bytes.bytes.size();
  });
}

} // namespace

void bench::report_protobuf_library(bench_report& report) {
  const auto orders = some_orders(format_records);
  encoded_records bytes;
  std::vector<rejection> rejected;
  protobuf.make_encoder(schema_of<order_event>())
    ->encode(orders.data(), sizeof(order_event), orders.size(), bytes, rejected);

  std::vector<order_event> structs, copied;
  std::vector<order_messages::order_event> classes;
  std::vector<protobuf_message> dynamic;
  const auto text = protobuf.schema_text(schema_of<order_event>());
  const dynamic_protobuf_format dynamic_format{{.proto = text}};
  const auto ours = decode_rate(protobuf, bytes, structs).records;
  const auto add = [&](const std::string& what, double records) {
    report.add({"protobuf decode, " + what, records, "records/s", "described struct", records / ours});
  };
  add("described struct", ours);
  add("generated class", decode_rate(protobuf, bytes, classes).records);
  add("generated class, copied into a struct", copy_rate(bytes, copied).records);
  add("DynamicMessage", decode_rate(dynamic_format, bytes, dynamic).records);
  if (structs != orders || copied != orders || classes.back().order_id() != orders.back().order_id)
    give_up("what was read is not what was written");

  double in_memory = 0, weighed = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    in_memory += static_cast<double>(classes[i].SpaceUsedLong());
    weighed += static_cast<double>(footprint(classes[i]));
  }
  report.add({"footprint of a generated class", weighed / format_records, "bytes", "SpaceUsedLong", weighed / in_memory});
}

} // namespace leat
