#pragma once

#include <leat/connectors/epochs/epoch_book.hpp>
#include <leat/operators/input_merge.hpp>
#include <leat/persistence/checkpoint_ledger.hpp>
#include <leat/tests/protocol/simulated_sink.hpp>
#include <leat/tests/support/memory_storage.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

namespace leat::testing {

/// A small job and the world around it, event by event in an order that a seed decides: sources that read records, shards that
/// count them by key, exactly-once sinks, the coordinator, a disk that is slow, full or loses what was not synced, an outside
/// whose answers are late or lost, and processes that are killed at any moment. The decisions are those of the product
/// (`checkpoint_ledger`, `input_merge`, `epoch_book`, `decide_epoch`); what carries them out is simulated.
class simulated_job {
public:
  explicit simulated_job(std::uint64_t seed, mutant how = mutant::none);

  /// Runs until all is read and committed. @returns what went wrong; empty: nothing.
  std::string run();

  /// What happened, for a person: line by line.
  [[nodiscard]] const std::string& story() const noexcept { return story_; }
  void tell() noexcept { telling_ = true; }

  [[nodiscard]] int crashes() const noexcept { return crashes_; }

private:
  using on_channel = std::variant<std::int32_t, counted_row, signal>; // a key, a row, or a barrier

  struct source {
    std::size_t next = 0;
    std::deque<std::uint64_t> barriers; // asked for
  };

  /// A shard or a sink, with a channel from each actor before it.
  struct stage {
    std::vector<std::deque<on_channel>> inputs;
    input_merge merge;
    std::map<std::int32_t, std::int32_t> counts;
    std::optional<simulated_sink> writer;
  };

  /// What a process forgets when it is killed.
  struct process {
    checkpoint_ledger ledger;
    std::vector<source> sources;
    std::vector<stage> shards;
    std::vector<stage> sinks;
    std::deque<snapshot_taken> reports;
    std::optional<complete_checkpoint> writing;
    std::deque<std::pair<std::uint64_t, bool>> outcomes;
    std::map<std::size_t, std::deque<std::uint64_t>> commits; // told to sinks, not heard
  };

  using action = void (simulated_job::*)(std::size_t which);

  void start();
  void crash();
  void list_actions();
  void read(std::size_t which);
  void say_barrier(std::size_t which);
  void count(std::size_t which);
  void take_row(std::size_t which);
  void begin_checkpoint(std::size_t);
  void hear_report(std::size_t which);
  void sync(std::size_t);
  void hear_outcome(std::size_t);
  void hear_commit(std::size_t which);
  void work_sink(std::size_t which);
  void arrive(std::size_t);
  void lose(std::size_t);
  void lose_patience(std::size_t which);
  void answer(const simulated_outside::transaction& t, bool known, bool refused);
  void pass_time(std::size_t);

  std::optional<on_channel> take(stage& from, std::size_t input);
  void report(actor_id who, std::uint64_t epoch, actor_state state);
  void tell_sinks(std::uint64_t epoch);
  [[nodiscard]] bool done() const;
  [[nodiscard]] std::string wrong_rows(bool at_end) const;
  [[nodiscard]] actor_id shard_id(std::size_t which) const { return static_cast<actor_id>(1 + records_.size() + which); }
  [[nodiscard]] actor_id sink_id(std::size_t which) const { return static_cast<actor_id>(100 + which); }
  template <class... Parts>
  void note(fmt::format_string<const Parts&...> text, const Parts&... parts);

  std::mt19937_64 random_;
  const mutant how_;
  std::vector<std::vector<std::int32_t>> records_; // by source: keys
  checkpoint_ledger::clock::time_point now_{};
  std::uint64_t given_up_ = 0; // the last checkpoint that was
  memory_storage disk_;
  simulated_outside outside_;
  std::unique_ptr<process> process_;
  std::uint64_t incarnation_ = 0;
  int crashes_ = 0;
  int crashes_left_ = 0;
  std::string failure_;
  std::string story_;
  bool telling_ = false;
  std::vector<std::pair<action, std::size_t>> actions_;
};

} // namespace leat::testing
