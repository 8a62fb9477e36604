#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/formats/json/encoded_json.hpp>
#include <leat/tests/formats/parcel.hpp>
#include <leat/tests/fuzz/fuzz_target.hpp>
#include <leat/tests/fuzz/targets/targets.hpp>

#include <map>
#include <set>
#include <string>
#include <variant>

namespace leat::testing {

namespace {

/// What state may be made of.
using kept = std::tuple<
  parcel, std::map<std::string, std::vector<std::int32_t>>, std::set<std::uint64_t>,
  std::variant<std::string, duration, bool>>;

std::string as_json(const encoded_type& type, std::string_view bytes) {
  json_writer to;
  write_json(to, &type, bytes);
  return std::string{to.text()};
}

template <class Key>
void check_key(std::string_view text) {
  const auto& type = encoded_type_of<Key>();
  std::string bytes;
  try {
    bytes = encoded_from_json(type, text);
  } catch (const config_error& e) {
    return demand(!std::string_view{e.what()}.empty(), "a key is refused with a reason");
  }
  demand(encoded_from_json(type, as_json(type, bytes)) == bytes, "a key that is shown can be given");
}

} // namespace

/// Saved state: the bytes of a value.
void fuzz_encoded_value(std::string_view bytes) {
  kept value;
  try {
    value = decoded<kept>(bytes);
  } catch (const state_error& e) {
    return demand(!std::string_view{e.what()}.empty(), "damaged state is refused with a reason");
  }
  const auto once = encoded(value);
  demand(encoded(decoded<kept>(once)) == once, "what was saved and loaded is saved as before");
  demand(!as_json(encoded_type_of<kept>(), once).empty(), "what was saved can be shown");
}

/// What a person gives to `leat state get` as a key.
void fuzz_encoded_json(std::string_view text) {
  check_key<std::string>(text);
  check_key<std::int32_t>(text);
  check_key<std::uint64_t>(text);
  check_key<timestamp>(text);
  check_key<duration>(text);
  check_key<color>(text);
  check_key<address>(text);
  check_key<std::pair<std::string, std::optional<bool>>>(text);
  check_key<decimal>(text);
}

} // namespace leat::testing
