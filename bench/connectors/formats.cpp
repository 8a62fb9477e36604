// What the formats make of order events on one core: records and bytes a second, each way, into slots that are used again.

#include <leat/bench/connectors/connectors.hpp>

#include <leat/bench/connectors/some_orders.hpp>
#include <leat/connectors/formats/avro.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/formats/json.hpp>
#include <leat/connectors/formats/protobuf.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace leat {

namespace {

using namespace bench;
using orders::order_event;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t records = 1'024; // a batch
constexpr int rounds = 7;              // the median of which counts
constexpr auto round_time = std::chrono::milliseconds{500};

/// What one core does in a second.
struct rate {
  double records = 0;
  double megabytes = 0;
};

/// @param once does all records and says how many bytes they are.
template <class Once>
rate measured(Once once) {
  std::vector<double> seconds;
  double bytes = 0;
  for (int round = 0; round <= rounds; ++round) {
    int times = 0;
    const auto began = clock_type::now();
    for (; clock_type::now() - began < round_time; ++times)
      bytes = static_cast<double>(once());
    if (round > 0) // the first warms up
      seconds.push_back(std::chrono::duration<double>(clock_type::now() - began).count() / times);
  }
  std::ranges::nth_element(seconds, seconds.begin() + rounds / 2);
  const auto median = seconds[rounds / 2];
  return {records / median, bytes / median / 1e6};
}

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(1);
}

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
  const auto orders = some_orders(records);
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
