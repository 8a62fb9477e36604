#include <leat/base/error.hpp>
#include <leat/connectors/formats/avro/avro_decoder.hpp>
#include <leat/tests/formats/parcel.hpp>
#include <leat/tests/fuzz/fuzz_target.hpp>
#include <leat/tests/fuzz/targets/targets.hpp>

#include <string>

namespace leat::testing {

namespace {

/// Bytes that a schema from outside has written are read as records, or refused with a reason.
template <class T>
void read_with(const std::shared_ptr<const avro_schema>& schema, std::string_view bytes) {
  std::optional<avro_decoder> decoder;
  try {
    decoder.emplace(schema, schema_of<T>(), nullptr);
  } catch (const error& e) {
    return demand(!std::string_view{e.what()}.empty(), "a schema that does not fit is refused with a reason");
  }
  raw_record raw;
  raw.payload = bytes;
  T slot;
  std::vector<rejection> rejected;
  const auto taken = decoder->decode({&raw, 1}, &slot, sizeof slot, rejected);
  demand(taken + rejected.size() == 1, "a record is taken or refused");
  if (!rejected.empty())
    demand(!rejected.front().reason.empty(), "a refusal has a reason");
}

} // namespace

/// The text of a schema, and behind a 0 bytes that it is said to have written.
void fuzz_avro_schema(std::string_view input) {
  const auto end = std::min(input.find('\0'), input.size());
  std::shared_ptr<const avro_schema> schema;
  try {
    schema = std::make_shared<const avro_schema>(input.substr(0, end));
  } catch (const config_error& e) {
    return demand(!std::string_view{e.what()}.empty(), "a bad schema is refused with a reason");
  }
  demand(!to_text(schema->root()).empty(), "a type has a name");
  const auto bytes = input.substr(std::min(end + 1, input.size()));
  read_with<order>(schema, bytes);
  read_with<address>(schema, bytes);
}

} // namespace leat::testing
