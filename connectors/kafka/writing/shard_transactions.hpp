#pragma once

#include <leat/connectors/epoch_decision.hpp>
#include <leat/connectors/kafka/writing/transactional_producer.hpp>
#include <leat/connectors/transactional_writer.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// The transactions of one shard of a sink: brings logs out, each once, whatever brokers do meanwhile.
///
/// While all goes well one producer writes transaction after transaction. When one has ended in doubt, a new producer shuts the
/// old one out, the marker says what is out (`decide_epoch`), and the rest is written again. So taking the id over,
/// reading the marker and writing are one step to everybody else: who is shut out in between cannot write.
///
/// Blocks; in one thread. Setting `stop` of the producer's parts makes every call return soon.
class shard_transactions {
public:
  struct parts {
    transactional_producer::parts producer; ///< its id is that of this shard
    std::string step;                       ///< for dead letters
    bool writes_letters = true;             ///< false: records that the broker refuses are counted only
    std::atomic<std::uint64_t>* rejected = nullptr;
  };

  explicit shard_transactions(parts with) : with_{std::move(with)} {}

  /// Goes on from a checkpoint with what is in these logs, ascending by epoch. @returns the marker then; 0: none.
  /// @throws connector_error when the marker contradicts the checkpoint, or writing cannot go on; state_error when a log is
  ///         damaged.
  std::uint64_t restore(std::uint64_t checkpoint, const std::vector<saved_epoch_log>& logs, bool duplicates_allowed);

  /// Writes logs out, at least one, ascending by epoch, with the last one's epoch as the marker.
  /// @throws as above, and when another instance has taken over.
  void write(std::vector<std::string_view> logs);

private:
  std::uint64_t bring_out(epoch_facts facts, std::vector<std::string_view> logs);
  epoch_decision connect(epoch_facts& facts);
  void leave(const transaction_result& result, std::uint64_t mark);
  void replace_refused(std::vector<std::string_view>& logs, const std::set<std::uint64_t>& refused);
  [[nodiscard]] std::string marker_text() const;
  [[nodiscard]] bool stopped() const noexcept { return with_.producer.stop->load(); }

  const parts with_;
  std::unique_ptr<transactional_producer> producer_;        // none: the next one begins with the marker
  std::deque<std::shared_ptr<const std::string>> replaced_; // logs in which letters stand for refused records
  int failures_ = 0;                                        // in a row
};

} // namespace leat
