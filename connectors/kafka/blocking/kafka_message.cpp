#include <leat/connectors/kafka/blocking/kafka_message.hpp>

#include <algorithm>

namespace leat {

std::optional<std::string_view> kafka_message::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &kafka_header::name);
  return found == headers.end() || !found->value ? std::nullopt : std::optional<std::string_view>{*found->value};
}

} // namespace leat
