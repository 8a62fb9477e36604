#pragma once

#include <leat/base/settings.hpp>
#include <leat/connectors/kafka/blocking/kafka_message.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace leat {

class kafka_client;

/// What is to be read of one partition.
struct scan_range {
  static constexpr std::int64_t on_and_on = std::numeric_limits<std::int64_t>::max();

  partition of;
  std::int64_t from = 0;          ///< the first offset to read
  std::int64_t until = on_and_on; ///< the one behind the last
};

/// Reads partitions in the order of their offsets, the records of several as they come. Commits nothing and joins no group.
///
/// Reads what is committed, unless it is told otherwise; then a transaction that is open holds up its partition: what is asked for
/// beyond it is not there yet, and reading counts as done there where it begins. Not thread-safe.
class topic_scan {
public:
  /// @param uncommitted with the records of transactions that are open or were aborted.
  /// @throws config_error when a property is refused.
  topic_scan(const settings& config, const std::vector<scan_range>& ranges, bool uncommitted = false);
  ~topic_scan();

  topic_scan(const topic_scan&) = delete;
  topic_scan& operator=(const topic_scan&) = delete;

  /// The next record; none when none has come within `patience`, and now and then before.
  /// @throws connector_error when reading cannot go on: no permission, an offset that is gone, the topic deleted.
  [[nodiscard]] std::optional<kafka_message> next(duration patience);

  /// Whether everything that was to be read has been.
  [[nodiscard]] bool done() const noexcept { return open_ == 0; }

  /// Of each partition, the offset behind the last one that was read; where nothing was, where it was to begin.
  [[nodiscard]] std::vector<std::pair<partition, std::int64_t>> positions() const;

private:
  struct place {
    std::int64_t next = 0;
    std::int64_t until = 0;
    bool open = true;
  };

  /// @returns whether a record of this offset is wanted.
  bool pass(const partition& of, std::int64_t offset, bool at_end);

  std::unique_ptr<kafka_client> client_;
  std::map<partition, place> places_;
  std::size_t open_ = 0; // places that are
};

} // namespace leat
