#include <leat/base/decimal.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/formats/csv.hpp>
#include <leat/tests/formats/order.hpp>
#include <leat/tests/fuzz/targets/round_trip.hpp>
#include <leat/tests/fuzz/targets/targets.hpp>

namespace leat::testing {

namespace {

/// A record with a field of every kind that CSV has a form for.
struct csv_row {
  std::int64_t n = 0;
  bool flag = false;
  double number = 0;
  decimal price;
  std::string text;
  timestamp at;
  color paint = color::red;
  std::optional<std::string> note;
  std::optional<std::uint8_t> small;
};
BOOST_DESCRIBE_STRUCT(csv_row, (), (n, flag, number, price, text, at, paint, note, small))

csv_row good_row() {
  return {-1, true, 0.1, decimal{"1.50"}, "a \"b\", c\nd", from_millis(250), color::green, "", std::uint8_t{255}};
}

/// Where the records of a file end does not depend on the pieces in which it comes.
void check_splitter(std::string_view file) {
  auto whole = csv.make_splitter();
  auto pieces = csv.make_splitter();
  for (std::size_t begin = 0; begin < file.size();) {
    const auto rest = file.substr(begin);
    const auto expected = whole.next(rest);
    auto found = record_splitter::unfinished;
    for (std::size_t seen = 1; seen <= rest.size() && found == record_splitter::unfinished; seen += 1 + seen % 3)
      found = pieces.next(rest.substr(0, seen));
    if (found == record_splitter::unfinished)
      found = pieces.next(rest);
    demand(found == expected, "a record ends where it ends, also when it comes in pieces");
    if (expected == record_splitter::unfinished)
      return;
    demand(expected > 0 && expected <= rest.size(), "a record is in its file");
    begin += expected;
  }
}

} // namespace

/// A file: its first record may be its header, and each is one by itself.
void fuzz_csv(std::string_view file) {
  if (file.size() <= 4096) // pieces are quadratic
    check_splitter(file);

  static const auto decoder = csv.make_decoder(schema_of<csv_row>());
  static const auto encoder = csv.make_encoder(schema_of<csv_row>());
  static round_trip<csv_row> rows{*decoder, *encoder, good_row()};
  auto splitter = csv.make_splitter();
  std::vector<std::string_view> records;
  for (auto rest = file; !rest.empty();) {
    const auto size = std::min(splitter.next(rest), rest.size());
    records.push_back(without_line_break(rest.substr(0, size)));
    rest.remove_prefix(size);
  }
  for (const auto record : records)
    rows.check(record);
  if (records.empty())
    return;
  try {
    const auto behind_header = csv.make_decoder_behind(records.front(), schema_of<csv_row>());
    csv_row slot = good_row();
    std::vector<rejection> rejected;
    for (const auto record : records) {
      raw_record raw;
      raw.payload = record;
      (void)behind_header->decode({&raw, 1}, &slot, sizeof slot, rejected);
    }
    for (const auto& r : rejected)
      demand(!r.reason.empty(), "a refusal has a reason");
  } catch (const connector_error& e) {
    demand(!std::string_view{e.what()}.empty(), "a header is refused with a reason");
  }
}

} // namespace leat::testing
