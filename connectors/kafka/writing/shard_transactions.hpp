#pragma once

#include <leat/connectors/epochs/epoch_decision.hpp>
#include <leat/connectors/epochs/epoch_outlet.hpp>
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

/// The way out of one shard of a sink to Kafka.
///
/// While all goes well one producer writes transaction after transaction. When one has ended in doubt, a new producer shuts the
/// old one out, the marker says what is out (`decide_epoch`), and the rest is written again. So taking the id over,
/// reading the marker and writing are one step to everybody else: who is shut out in between cannot write.
class shard_transactions final : public epoch_outlet {
public:
  struct parts {
    transactional_producer::parts producer; ///< its id is that of this shard
    std::string step;                       ///< for dead letters
    bool writes_letters = true;             ///< false: records that the broker refuses are counted only
    bool duplicates_allowed = false;
    std::atomic<std::uint64_t>* rejected = nullptr;
  };

  explicit shard_transactions(parts with) : with_{std::move(with)} {}

  std::uint64_t restore(std::uint64_t checkpoint, const std::vector<saved_epoch_log>& logs) override;
  void write(std::vector<std::string_view> logs) override;

private:
  std::uint64_t bring_out(epoch_facts facts, std::vector<std::string_view> logs);
  epoch_decision connect(epoch_facts& facts);
  void leave(const transaction_result& result, std::uint64_t mark);
  void replace_refused(std::vector<std::string_view>& logs, const std::set<std::uint64_t>& refused);
  [[nodiscard]] marker_words marker_in_words() const;
  [[nodiscard]] bool stopped() const noexcept { return with_.producer.stop->load(); }

  const parts with_;
  std::unique_ptr<transactional_producer> producer_;        // none: the next one begins with the marker
  std::deque<std::shared_ptr<const std::string>> replaced_; // logs in which letters stand for refused records
  int failures_ = 0;                                        // in a row
};

} // namespace leat
