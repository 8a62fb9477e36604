#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace leat {

/// One ordered, separately readable part of a source: a Kafka partition, a file.
struct partition {
  std::string topic;       ///< the topic, or what stands for it: a file name, the name of a collection
  std::int32_t number = 0; ///< its number within the topic; -1: the topic is not divided

  friend auto operator<=>(const partition&, const partition&) = default;
};

/// `transactions/3`; only `trades.csv` when that is not divided.
inline std::string to_string(const partition& p) {
  return p.number < 0 ? p.topic : p.topic + '/' + std::to_string(p.number);
}

} // namespace leat
