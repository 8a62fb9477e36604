#include <leat/connectors/formats/avro/avro_decimal.hpp>

namespace leat {

std::optional<decimal> avro_decimal(std::string_view bytes, int scale) {
  const char sign = !bytes.empty() && static_cast<signed char>(bytes.front()) < 0 ? '\xff' : '\0';
  while (bytes.size() > sizeof(decimal::int128) && bytes.front() == sign)
    bytes.remove_prefix(1);
  const bool has_sign = bytes.empty() || (static_cast<signed char>(bytes.front()) < 0) == (sign != 0);
  if (bytes.size() > sizeof(decimal::int128) || !has_sign)
    return std::nullopt;
  decimal::int128 number = sign == 0 ? 0 : -1;
  for (const auto c : bytes)
    number = number * 256 + static_cast<unsigned char>(c);
  return decimal::fits(number, scale) ? std::optional{decimal::of(number, scale)} : std::nullopt;
}

} // namespace leat
