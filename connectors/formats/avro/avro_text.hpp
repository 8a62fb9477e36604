#pragma once

#include <leat/connectors/formats/wire_bytes.hpp>

#include <string>
#include <string_view>

namespace leat {

// Strings and bytes as Avro has them: their size, which is folded, and then they.

inline void put_avro_text(std::string& to, std::string_view text) {
  wire::put_folded(to, static_cast<std::int64_t>(text.size()));
  to.append(text);
}

[[nodiscard]] inline bool get_avro_text(wire_reader& from, std::string_view& text) noexcept {
  const auto before = from;
  std::int64_t size = 0;
  if (from.get_folded(size) && size >= 0 && from.get_bytes(static_cast<std::uint64_t>(size), text))
    return true;
  from = before;
  return false;
}

} // namespace leat
