#pragma once

#include <leat/base/time.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// A record that could not be processed, with all that is needed to find, understand and replay it.
///
/// Dead letters are records like any other: they travel in batches, spend credit, and are delivered before the offset
/// behind them is committed.
struct dead_letter {
  std::string reason;          ///< what is wrong with it, for a person: "field `amount`: expected a number, found \"12\""
  std::string step;            ///< name of the step that refused it
  std::string topic;           ///< where it was read
  std::int32_t partition = -1; ///< where it was read; -1 when it was not read from a partition
  std::int64_t offset = -1;    ///< where it was read; -1 when unknown
  timestamp time{};            ///< the record's own time at its source: Kafka's timestamp
  std::optional<std::string> key;     ///< the original key, none when it was null
  std::optional<std::string> payload; ///< the original bytes, none when they were null (a tombstone)
  std::vector<std::string> causes{};  ///< what has led to the reason, the nearest cause first: of nested exceptions
};
BOOST_DESCRIBE_STRUCT(dead_letter, (), (reason, step, topic, partition, offset, time, key, payload, causes))

} // namespace leat
