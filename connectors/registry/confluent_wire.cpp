#include <leat/connectors/registry/confluent_wire.hpp>

#include <leat/connectors/formats/wire_bytes.hpp>

namespace leat {

using namespace confluent_wire;

std::optional<registered_bytes> read_registered(std::string_view record, bool has_place) noexcept {
  if (record.size() < 1 + id_bytes || record.front() != magic)
    return std::nullopt;
  registered_bytes found;
  for (const auto c : record.substr(1, id_bytes))
    found.schema = found.schema << 8U | static_cast<unsigned char>(c);
  if (found.schema > largest_id)
    return std::nullopt;
  const auto rest = record.substr(1 + id_bytes);
  if (!has_place) {
    found.payload = rest;
    return found;
  }
  wire_reader in{rest};
  std::int64_t count = 0, number = 0;
  if (!in.get_folded(count) || count < 0 || count > static_cast<std::int64_t>(deepest_message))
    return std::nullopt;
  for (; count > 0; --count)
    if (!in.get_folded(number) || number < 0 || number > INT32_MAX)
      return std::nullopt;
  found.place = rest.substr(0, rest.size() - in.left());
  found.payload = rest.substr(found.place.size());
  return found;
}

std::string registered_prefix(std::uint32_t schema, const std::vector<int>& place) {
  std::string made(1, magic);
  for (int shift = 24; shift >= 0; shift -= 8)
    made.push_back(static_cast<char>(schema >> static_cast<unsigned>(shift)));
  if (place.empty())
    return made;
  if (place == std::vector{0}) { // the first message, nearly always: in one byte
    wire::put_folded(made, 0);
    return made;
  }
  wire::put_folded(made, static_cast<std::int64_t>(place.size()));
  for (const auto number : place)
    wire::put_folded(made, number);
  return made;
}

std::vector<int> place_numbers(std::string_view place) {
  wire_reader in{place};
  std::int64_t count = 0, number = 0;
  std::vector<int> found;
  if (!in.get_folded(count) || count == 0)
    return {0};
  while (in.get_folded(number))
    found.push_back(static_cast<int>(number));
  return found;
}

} // namespace leat
