// What the formats make of order events on one core: records and bytes a second, each way, into slots that are used again.

#include <leat/bench/connectors/connectors.hpp>

#include <leat/bench/connectors/rates.hpp>
#include <leat/bench/connectors/some_orders.hpp>
#include <leat/connectors/formats/avro.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/formats/json.hpp>
#include <leat/connectors/formats/protobuf.hpp>

#include <fmt/format.h>

#include <vector>

namespace leat {

namespace {

using namespace bench;
using orders::order_event;

struct format_rates {
  rate decode, encode;
};

format_rates rates_of(const format& f, const std::vector<order_event>& orders) {
  const auto& of = schema_of<order_event>();
  const auto encoder = f.make_encoder(of);
  const auto decoder = f.make_decoder(of);
  encoded_records out;
  std::vector<rejection> rejected;
  const auto encode = [&] {
    out.clear();
    encoder->encode(orders.data(), sizeof(order_event), orders.size(), out, rejected);
    return out.bytes.size();
  };
  encode();
  std::vector<raw_record> raw(out.size());
  for (std::size_t i = 0; i < raw.size(); ++i)
    raw[i].payload = out[i];
  std::vector<order_event> read(orders.size());
  const auto decode = [&] {
    decoder->decode(raw, read.data(), sizeof(order_event), rejected);
    return out.bytes.size();
  };
  format_rates both;
  both.decode = measured(decode);
  if (!rejected.empty())
    give_up(fmt::format("{}: {}", f.name(), rejected.front().reason));
  if (read != orders)
    give_up(fmt::format("{}: what was read is not what was written", f.name()));
  both.encode = measured(encode);
  return both;
}

} // namespace

void bench::report_formats(bench_report& report) {
  const auto orders = some_orders(format_records);
  const avro_format avro_with_cents{{.decimal_scale = 2}};
  const auto of_json = rates_of(json, orders);
  report.add({"JSON decode, one core", of_json.decode.megabytes, "MB/s", "", {}, at_least(400)});
  report.add({"JSON encode, one core", of_json.encode.megabytes, "MB/s", "", {}, at_least(300)});
  report.add({"JSON decode", of_json.decode.records, "records/s"});
  report.add({"JSON encode", of_json.encode.records, "records/s"});
  for (const format* f : {static_cast<const format*>(&avro_with_cents), static_cast<const format*>(&protobuf)}) {
    const auto both = rates_of(*f, orders);
    report.add(
      {fmt::format("{} decode", f->name()), both.decode.records, "records/s", "JSON",
       both.decode.records / of_json.decode.records, at_least(2e6)});
    report.add(
      {fmt::format("{} encode", f->name()), both.encode.records, "records/s", "JSON",
       both.encode.records / of_json.encode.records});
  }
}

} // namespace leat
