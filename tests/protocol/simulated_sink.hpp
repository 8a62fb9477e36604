#pragma once

#include <leat/connectors/epochs/epoch_book.hpp>
#include <leat/connectors/epochs/epoch_decision.hpp>
#include <leat/tests/protocol/mutant.hpp>
#include <leat/tests/protocol/simulated_outside.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace leat::testing {

/// The log of an epoch: the marker that it follows, and its rows.
using simulated_log = std::pair<std::uint64_t, std::vector<counted_row>>;

/// One actor of an exactly-once sink: takes rows, cuts epochs and brings them out by the decisions of `epoch_book` and
/// `decide_epoch`, a request to the outside at a time. What Kafka's `shard_transactions` and `epoch_committer` do on a thread.
class simulated_sink {
public:
  simulated_sink(std::uint32_t shard, std::uint64_t id, simulated_outside& to, mutant how)
    : shard_{shard}, id_{id}, to_{to}, how_{how}, book_{shard} {}

  /// @param logs that it takes over; with none it takes its own shard over.
  void restore(std::uint64_t checkpoint, const std::vector<saved_epoch_log>& logs);

  [[nodiscard]] bool restored() const noexcept { return restored_; }
  void write(counted_row row) { open_.push_back(row); }
  [[nodiscard]] epoch_cut cut(std::uint64_t epoch);
  void commit(std::uint64_t epoch);

  /// Whether `work` would do something now.
  [[nodiscard]] bool has_work() const noexcept { return !task_ ? !tasks_.empty() : task_->now != stage::waiting; }

  /// Whether it waits for an answer.
  [[nodiscard]] bool waits() const noexcept { return task_ && task_->now == stage::waiting; }

  /// Takes one step: shuts others out, reads the marker, decides, sends.
  void work();

  /// The outside has answered what was sent, or never will.
  void on_answer(bool known, bool refused);

  [[nodiscard]] std::uint64_t committed() const noexcept { return committed_; }

  /// What it found wrong; empty: nothing.
  [[nodiscard]] const std::string& refusal() const noexcept { return refusal_; }

private:
  enum class stage { taking_over, reading, deciding, sending, waiting };

  /// To bring logs out, of one shard.
  struct task {
    std::uint32_t shard = 0;
    epoch_facts facts;
    std::vector<simulated_log> logs; // of `facts.logs`
    std::uint64_t then = 0;          // the epoch that is committed when all is out; 0: of a restore
    bool last_of_restore = false;
    stage now = stage::taking_over;
    epoch_decision decision{};
  };

  void decide();
  void finish();

  const std::uint32_t shard_;
  const std::uint64_t id_;
  simulated_outside& to_;
  const mutant how_;
  epoch_book book_;
  std::map<std::uint32_t, int> owners_;
  std::deque<task> tasks_;
  std::optional<task> task_;
  std::vector<counted_row> open_;
  bool restored_ = false;
  bool cut_once_ = false;
  std::uint64_t checkpoint_ = 0;
  std::uint64_t committed_ = 0;
  std::string refusal_;
};

} // namespace leat::testing
