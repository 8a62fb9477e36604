#pragma once

#include <leat/actors/epochs/barrier_arrivals.hpp>
#include <leat/actors/epochs/pending_snapshot.hpp>
#include <leat/actors/epochs/state_snapshot.hpp>
#include <leat/actors/epochs/unstored_changes.hpp>
#include <leat/actors/link.hpp>
#include <leat/actors/sinks/sink_end.hpp>
#include <leat/actors/task_host.hpp>
#include <leat/actors/tasks/task_inputs.hpp>
#include <leat/actors/tasks/task_outputs.hpp>
#include <leat/actors/time/actor_time.hpp>
#include <leat/operators/chain.hpp>
#include <leat/operators/input_merge.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace leat {

/// The engine of an actor with inputs: a `keyed_shard`, a worker, or a `sink` when its chain ends in a writer.
///
/// Messages are worked on in the order in which they came. While the chain is not ready (a channel behind it has no credit, the
/// writer has no room) they wait in `inbox_`, which credit bounds: the credit of a batch goes back when the chain has
/// *finished* it.
///
/// **Barriers** are aligned: an input that has passed one waits for the others. One that overtakes is not: when it has come on
/// the first input, the chain finishes what it is in the middle of, whatever room there is behind it, and the barrier passes.
/// What waits in `inbox_` before it, and what still comes before it on other inputs, is written down as part of the snapshot, as
/// is what it overtakes on the ways out; see `in_flight_state`. After Carbone et al., "Lightweight asynchronous snapshots", and
/// Flink's unaligned checkpoints (FLIP-76).
///
/// Lives in one actor; not thread-safe.
class stage_task {
public:
  /// @param name for errors and metrics: "spending[1]".
  stage_task(const std::string& name, std::uint32_t instance, metrics& registry);

  /// Before the first message: what an earlier run had delivered is the watermark of everything behind this, before any
  /// record. Without it, records that a faster input reads again would open windows before the slower inputs have said
  /// their watermark.
  void set_settled(timestamp settled) noexcept {
    settled_ = settled;
    merge_.start_at(settled);
  }

  /// Before the first message: barriers are aligned, and at each, what `what` saves is reported. An input that has passed a barrier
  /// waits for the others, as far as its credit goes.
  /// @param self who reports it.
  /// @param stage its uid.
  /// @param end of a sink, what its end has no room for; null when no barrier overtakes.
  void
  take_snapshots(actor_id self, std::string stage, state_snapshot what, std::shared_ptr<const in_flight_channel> end = {});

  /// After `take_snapshots`, where barriers overtake on every way from the sources: takes no records while what its steps have
  /// changed takes all their memory. Elsewhere the barrier that stores it might be behind these records.
  void wait_when_full() noexcept { waits_when_full_ = true; }

  /// Before the first message: records that were on their way at the checkpoint which the job goes on from, for this to send, or
  /// for its end; whatever comes waits until `resend`.
  void set_in_flight(std::vector<restored_batch> records);

  /// Every actor has its task: sends what `set_in_flight` said before anything else.
  void resend();

  /// Before the first message.
  void attach(task_host& host) noexcept {
    host_ = &host;
    if (end_)
      end_->attach(host);
  }

  [[nodiscard]] chain& steps() noexcept { return chain_; }
  [[nodiscard]] const chain& steps() const noexcept { return chain_; }
  [[nodiscard]] task_outputs& outputs() noexcept { return outputs_; }

  /// The least watermark of its inputs: what its steps have been told, or are about to be.
  [[nodiscard]] timestamp watermark() const noexcept { return chain_.root().watermark(); }

  /// The end of a sink's chain; null in a shard.
  [[nodiscard]] sink_end* end() noexcept { return end_.get(); }
  void set_end(std::unique_ptr<sink_end> end) { end_ = std::move(end); }

  /// Adds an input, which takes part in barriers from `first_epoch` on. `sender` gets `credit` batches of credit in all.
  /// @param stage of the sender when it is a shard; see `input_merge`.
  /// @param to_input which input of the first step it feeds: 0, or 1 of a step with two.
  /// @param identity of the channel; none when no barrier overtakes.
  /// @param copies whether it is one of several that get the same records: then no barrier overtakes here.
  void add_input(
    input_id input, std::uint64_t first_epoch, std::uint32_t credit, std::shared_ptr<upstream_link> sender,
    std::optional<std::size_t> stage = {}, std::size_t to_input = 0, std::shared_ptr<const in_flight_channel> identity = {},
    bool copies = false);

  void on_data(data_message message);
  void on_signal(const signal_message& message);
  void on_credit(const credit_message& message);

  /// The writer at the end of the chain has room, or news of deliveries; or a step has news.
  void on_wake();

  /// No partition leads here, so no barrier would come: it passes at once. Otherwise it is waited for.
  void on_trigger(const trigger_barrier& request);

  void on_overtake(const overtake_barrier& request);
  void on_settle(const settle_epoch& request);
  void on_stored(const checkpoint_stored& what);
  void on_failed(const checkpoint_failed& what);

  /// Processing time has come to what `task_host::wake_at` was asked for.
  void on_processing_time();

  /// How far event time has come here.
  [[nodiscard]] actor_time time() const;

  /// Sends partly filled batches: nothing else was waiting.
  void run();

private:
  void work();
  [[nodiscard]] bool has_to_wait();
  void into_chain(const signal& s);
  bool set_aside(std::variant<data_message, signal_message>& message);
  void end_alignment();
  void note_barrier(const signal_message& message);
  void look_for_overtaking();
  bool overtake();
  bool finish_chain();
  void overtake_behind_end(std::uint64_t epoch);
  void take_snapshot();
  [[nodiscard]] std::span<const saved_entry> watermark_to_say(const signal& passed) const;
  void log_waiting(std::uint64_t epoch);
  void work_on(data_message& message);
  void work_on(const signal_message& message);
  void finish_batch();
  void ask_for_wake_up();

  chain chain_;
  task_outputs outputs_;
  std::unique_ptr<sink_end> end_;
  input_merge merge_;
  input_merge::emit keep_merged_;
  std::deque<signal> merged_; // what one message has led to, behind a window that may be firing for the first of them
  task_host* host_ = nullptr;
  timestamp settled_ = min_timestamp; // until it has been said
  actor_id self_ = 0;
  std::optional<state_snapshot> snapshot_;   // none: barriers are not aligned
  std::optional<unstored_changes> unstored_; // with that
  bool waits_when_full_ = false;
  std::optional<signal> passing_; // the barrier, or end, that is in the chain and that a snapshot belongs to
  std::deque<std::variant<data_message, signal_message>> aside_; // behind a barrier that others have still to pass
  barrier_arrivals arrivals_;
  bool never_overtakes_ = false;            // there is an input that gets all records of its sender
  std::uint64_t overtakes_until_ = 0;       // barriers up to this one overtake
  std::uint64_t passed_ = 0;                // the last barrier that was given to the chain
  std::optional<std::uint64_t> overtaking_; // the barrier that is to pass before anything else
  std::optional<std::uint64_t> recording_;  // the barrier that has, and that has still to come on other inputs
  std::uint64_t newest_ = 0;                // barrier that has come
  timestamp newest_came_{};                 // when, first
  std::optional<pending_snapshot> pending_;
  std::shared_ptr<const in_flight_channel> end_identity_;
  bool ended_ = false; // the end has passed the chain
  std::vector<restored_batch> in_flight_;
  bool resends_ = false; // `in_flight_`, before anything else
  task_inputs inputs_;
  std::deque<std::variant<data_message, signal_message>> inbox_;
  task_inputs::port* unfinished_ = nullptr; // whose batch the chain is in the middle of
  bool flush_scheduled_ = false;
  timestamp wake_up_at_ = max_timestamp; // what the host was asked for

  metric& records_in_;
  metric& batches_in_;
  metric& input_watermark_;
};

} // namespace leat
