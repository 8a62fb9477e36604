#pragma once

#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/epochs/epoch_book.hpp>
#include <leat/connectors/epochs/epoch_decision.hpp>
#include <leat/connectors/sink.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace leat::testing {

/// The outside of an exactly-once sink, in memory: by shard a marker and who may write. What is sent arrives when the test lets
/// it, and not at all once somebody else has taken the shard over. Used by one thread.
template <class T>
class transactional_rows {
public:
  struct shard {
    std::optional<std::uint64_t> marker;
    int owner = 0;
  };
  struct transaction {
    std::uint32_t shard = 0;
    int owner = 0;
    std::uint64_t mark = 0;
    std::vector<T> rows;
    waker arrived;
  };

  /// Lets the transaction that was sent first arrive. @returns false when there is none.
  bool let_one_arrive() {
    if (sent.empty())
      return false;
    const auto t = std::move(sent.front());
    sent.pop_front();
    auto& s = shards[t.shard];
    if (s.owner != t.owner)
      return true;
    add(s, t.rows, t.mark);
    t.arrived();
    return true;
  }

  void add(shard& to, const std::vector<T>& rows, std::uint64_t mark) {
    all.insert(all.end(), rows.begin(), rows.end());
    to.marker = mark;
  }

  std::vector<T> all; ///< that every reader sees
  std::map<std::uint32_t, shard> shards;
  std::deque<transaction> sent;
  std::uint64_t full_at = 1'000'000; ///< rows that a writer keeps at most; it asks for a barrier at half
  std::size_t written_again = 0;     ///< rows of a checkpoint that were not out
};

/// Writes to `transactional_rows` as `kafka_transactional_writer` does to Kafka. A log is the marker before it, and rows.
template <class T>
class memory_transactional_writer final : public transactional_writer {
public:
  memory_transactional_writer(std::shared_ptr<transactional_rows<T>> to, std::uint32_t shard, waker wake)
    : to_{std::move(to)}, shard_{shard}, wake_{std::move(wake)} {}

  void restore(std::uint64_t checkpoint, std::vector<saved_epoch_log> logs) override {
    std::map<std::uint32_t, std::map<std::uint64_t, log>> by_shard{{shard_, {}}};
    for (const auto& saved : logs)
      by_shard[saved.name.shard].emplace(saved.name.epoch, decoded<log>(saved.bytes));
    book_.restore(logs);
    for (const auto& [number, found] : by_shard)
      bring_out(to_->shards[number], checkpoint, found);
    auto& own = to_->shards[shard_];
    owner_ = own.owner;
    book_.restored(own.marker.value_or(0));
    committed_ = checkpoint;
  }

  [[nodiscard]] bool restored() override {
    if (!refusal_.empty())
      throw connector_error{refusal_};
    return true;
  }

  std::size_t write(const batch_base& in, std::size_t from) override {
    const auto records = static_cast<const batch<T>&>(in).records();
    open_.insert(open_.end(), records.begin() + static_cast<std::ptrdiff_t>(from), records.end());
    return records.size() - from;
  }

  [[nodiscard]] epoch_room room() const override {
    if (open_.size() >= to_->full_at)
      return epoch_room::full;
    return open_.size() >= to_->full_at / 2 ? epoch_room::wants_barrier : epoch_room::plenty;
  }
  [[nodiscard]] std::string epoch_too_large() const override { return "too many rows between two checkpoints"; }

  epoch_cut cut(std::uint64_t epoch) override {
    book_.written(committed());
    const bool writes = !open_.empty() || !cut_once_;
    cut_once_ = true;
    auto bytes = std::make_shared<const std::string>(encoded(log{book_.last_marker(), std::exchange(open_, {})}));
    return book_.cut(epoch, std::move(bytes), writes);
  }

  void commit(std::uint64_t epoch) override {
    for (const auto& section : book_.commit(epoch))
      if (section->sets_marker) {
        to_->sent.push_back({shard_, owner_, section->epoch, decoded<log>(*section->log).second, wake_});
        last_sent_ = section->epoch;
      }
    durable_ = epoch;
  }

  std::uint64_t committed() override {
    const auto& own = to_->shards[shard_];
    if (own.owner != owner_)
      throw connector_error{"another instance has taken over"};
    if (durable_ && own.marker.value_or(0) >= last_sent_)
      committed_ = durable_;
    return committed_;
  }

private:
  using log = std::pair<std::uint64_t, std::vector<T>>;

  void
  bring_out(typename transactional_rows<T>::shard& of, std::uint64_t checkpoint, const std::map<std::uint64_t, log>& logs) {
    ++of.owner;
    epoch_facts facts{checkpoint, logs.empty() ? 0 : logs.begin()->second.first, {}, of.marker, false};
    for (const auto& [epoch, found] : logs)
      facts.logs.push_back(epoch);
    const auto what = decide_epoch(facts);
    if (what.action == epoch_action::write) {
      for (const auto& [epoch, found] : logs)
        if (epoch > what.from) {
          to_->add(of, found.second, epoch);
          to_->written_again += found.second.size();
        }
      of.marker = what.mark;
    } else if (what.action != epoch_action::nothing) {
      refusal_ = explain_refusal(what.action, facts, {"the marker", "", "a setting"});
    }
  }

  const std::shared_ptr<transactional_rows<T>> to_;
  const std::uint32_t shard_;
  const waker wake_;
  int owner_ = 0;
  std::string refusal_;
  std::vector<T> open_;
  epoch_book book_{shard_};
  bool cut_once_ = false;
  std::uint64_t last_sent_ = 0;
  std::uint64_t durable_ = 0;
  std::uint64_t committed_ = 0;
};

template <class T>
class memory_transactional_sink final : public sink {
public:
  explicit memory_transactional_sink(std::shared_ptr<transactional_rows<T>> rows) : rows_{std::move(rows)} {}

  void open(const connector_context&) override {}
  std::unique_ptr<sink_writer> make_writer(std::uint32_t, std::uint32_t, waker) override {
    throw connector_error{"this sink writes in transactions"};
  }
  std::unique_ptr<transactional_writer>
  make_transactional_writer(std::uint32_t instance, std::uint32_t, waker wake) override {
    return std::make_unique<memory_transactional_writer<T>>(rows_, instance, std::move(wake));
  }

private:
  const std::shared_ptr<transactional_rows<T>> rows_;
};

} // namespace leat::testing
