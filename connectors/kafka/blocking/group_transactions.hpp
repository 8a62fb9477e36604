#pragma once

#include <leat/base/settings.hpp>
#include <leat/connectors/kafka/blocking/group_offsets.hpp>
#include <leat/connectors/kafka/blocking/reporting_producer.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace leat {

/// Sends records and stores how far a consumer group has come, both in one transaction: all of it is there, or nothing.
///
/// A group is one program's at a time: the transactional id is the group's name, so whoever is made last holds it. What an earlier one
/// has under way is taken back then, and its next `write` fails. So what the group has committed is asked for (`settled_by`) once
/// this one is made.
/// Blocks; brokers that are away are waited for, less than a minute in a transaction, and hardly longer than a second once nobody wants to
/// wait any more. Not thread-safe.
class group_transactions {
public:
  using question = std::function<bool()>;

  /// How one has ended.
  struct result {
    bool written = false;                       ///< all of it is; otherwise nothing
    std::map<std::size_t, std::string> refused; ///< by Kafka: the records' numbers, and why; none: a further try may help
  };

  /// Takes the group over.
  /// @param largest_batch bytes that the topic takes at once, if known.
  /// @param stopped whether waiting is to end.
  /// @throws config_error when a property is refused; connector_error when the group cannot be taken over.
  group_transactions(const settings& config, std::string group, std::optional<std::size_t> largest_batch, question stopped);
  ~group_transactions();

  group_transactions(const group_transactions&) = delete;
  group_transactions& operator=(const group_transactions&) = delete;

  /// One transaction. @throws connector_error when going on makes no sense; the text says whether something is written.
  [[nodiscard]] result write(std::span<const outgoing_record> records, const std::vector<group_position>& positions);

  /// Whether there may be a next transaction. Behind one that was taken back, or had a request without an answer, librdkafka's producer
  /// is not to be trusted: another one has to be made.
  [[nodiscard]] bool usable() const noexcept;

private:
  class watch;
  class producer;
  std::unique_ptr<producer> producer_;
};

} // namespace leat
