#pragma once

#include <leat/base/time.hpp>
#include <leat/messages/partition.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// A header of a record. Several of one name are allowed.
struct kafka_header {
  std::string name;
  std::optional<std::string> value; ///< none: null, which is not empty
};

/// A record as it lies in a topic.
struct kafka_message {
  partition from;
  std::int64_t offset = 0;
  timestamp time{};
  std::optional<std::string> key;
  std::optional<std::string> value; ///< none: a tombstone, which deletes its key from a compacted topic
  std::vector<kafka_header> headers;

  /// The first one's value; none: there is no such header, or it is null.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

} // namespace leat
