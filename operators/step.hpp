#pragma once

#include <leat/base/error.hpp>
#include <leat/base/key_group.hpp>
#include <leat/base/metrics.hpp>
#include <leat/base/user_code.hpp>
#include <leat/messages/batch.hpp>
#include <leat/messages/saved_state.hpp>
#include <leat/messages/signal.hpp>
#include <leat/operators/processing_clock.hpp>
#include <leat/operators/refusals.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

namespace leat {

/// Takes what travels: the next step of a chain, or the channel at its end.
///
/// A receiver takes whatever it is given, also while the flow is blocked; it is the giver that looks first.
class receiver {
public:
  virtual ~receiver() = default;

  /// Takes a batch, which is never empty.
  virtual void on_batch(batch_ptr in) = 0;

  /// Takes a signal; it stands behind all batches given before.
  virtual void on_signal(const signal& s) = 0;
};

/// Whether the outputs of one actor's chain can take more: shared by the steps of the chain and the channels at its end.
///
/// A channel without credit blocks the flow. Steps that pass on one record for one record never ask. A step that can
/// emit without bound (a window that fires, a flat_map) asks before each batch it emits, and parks when the answer is no.
class flow {
public:
  [[nodiscard]] bool blocked() const noexcept { return blocks_ != 0 && !forced_; }
  void block() noexcept { ++blocks_; }
  void unblock() noexcept { --blocks_; }

  /// Opens it whatever blocks it, so that what is half done can be finished: what follows takes anything. Not for long.
  void force(bool open) noexcept { forced_ = open; }

private:
  std::uint32_t blocks_ = 0;
  bool forced_ = false;
};

/// A side output of a step that somebody reads.
struct read_output {
  std::string name;
  const std::type_info* record_type = nullptr; ///< that the reader takes it for
};

/// What a step learns about its place when it is made for one actor.
struct step_context {
  std::string name;                        ///< the step's name, unique in the job
  std::uint32_t instance = 0;              ///< which of the stage's parallel actors
  std::uint32_t parallelism = 1;           ///< how many there are
  leat::flow* flow = nullptr;              ///< outlives the step
  leat::metrics* metrics = nullptr;        ///< outlives the step
  const processing_clock* clock = nullptr; ///< outlives the step
  std::vector<read_output> side_outputs;   ///< those that are read; side_outputs[i] leaves at port i + 1
  std::function<void()> wake{};            ///< from any thread: lets the step look at processing time and go on
  bool snapshots = false; ///< what the step keeps is saved when a barrier has passed it: work under way need not end before
  std::uint32_t max_parallelism = default_max_parallelism; ///< the job's: into how many groups keys are divided
  std::shared_ptr<stored_entries> stored{}; ///< what of the step is stored need not be in memory; null: it has to be
  std::size_t memory = 0;                   ///< with `stored`: about how many bytes of it may be
  std::shared_ptr<letter_maker> letters{};  ///< for records that its function refuses; null: what it throws ends the job
};

/// Counts, as `unread_records` by output, what a step emits and nobody reads: no loss by mistake, for that is refused at the
/// start, but it shall show. Asks the registry once per output.
class unread_outputs {
public:
  /// @param of outlives this.
  explicit unread_outputs(const step_context& of) : of_{&of} {}

  /// @param output a side output's name; empty: the main output.
  void add(std::string_view output, std::size_t records) { counter(output).add(static_cast<std::int64_t>(records)); }

private:
  metric& counter(std::string_view output) {
    for (const auto& [name, counted] : counters_)
      if (name == output)
        return *counted;
    auto& made = of_->metrics->get("unread_records", of_->name, of_->instance, output);
    counters_.emplace_back(output, &made);
    return made;
  }

  const step_context* of_;
  std::vector<std::pair<std::string, metric*>> counters_; // of as many outputs as were emitted to
};

/// What `step::save_changes` has written of the entries that belong to keys.
enum class saved {
  everything, ///< all there are, in the place of what was saved before
  changes     ///< what is new, has changed or is gone since the last time
};

/// The logic between two mailboxes: takes batches and signals, emits batches and signals.
///
/// Contract. `on_batch` and `on_signal` are called in the order of the stream, never while the step is parked, by one
/// thread at a time. What a batch leads to is emitted before `on_batch` returns, or the step parks and emits the rest
/// from `resume`. A signal is passed on behind everything that came before it. A step knows no clock but the one it is
/// given, no thread and no file. Records leave at port 0, or at a side output's port; signals leave at all of them.
/// A user's exception leaves as `step_error` and ends the job, unless the job wants dead letters of the step.
class step : public receiver {
public:
  explicit step(step_context context) : context_{std::move(context)} {}
  step(const step&) = delete;
  step& operator=(const step&) = delete;

  /// Adds an output; with several at one port, each gets every batch.
  void connect(receiver& next, std::size_t port = 0) {
    if (port >= ports_.size())
      ports_.resize(port + 1);
    ports_[port].push_back(&next);
  }

  void on_signal(const signal& s) override { emit(s); }

  /// Where the batches of the second input go, of a step that has two; its signals come to the step itself, merged.
  [[nodiscard]] virtual receiver* second_input() { return nullptr; }

  /// Goes on where the step has parked; called when the flow is not blocked.
  virtual void resume() {}

  /// For a restart: up to which event time a step before this one need send nothing again, when all that this one emits up to
  /// `settled` is delivered. A window needs all rows of the windows that are to come.
  [[nodiscard]] virtual timestamp needs_after(timestamp settled) const { return settled; }

  /// When `on_processing_time` is to be called next; `max_timestamp`: not at all.
  [[nodiscard]] virtual timestamp next_processing_time() const { return max_timestamp; }

  /// The clock has reached `next_processing_time`; called when neither the step is parked nor the flow blocked.
  virtual void on_processing_time() {}

  /// Writes all that the step keeps from one call to the next. Called between two calls, never while it is parked. What is
  /// saved stands behind everything that the step was given: a barrier that it still holds back is not part of it.
  virtual void save(state_writer& to) const { (void)to; }

  /// The same for one checkpoint after the other: of the entries that belong to keys only what is new, has changed or is gone
  /// since the last call, or since the step was made or loaded; of the others all there are, in the place of those saved
  /// before. `save` forgets no change. A step that does not keep track of changes writes everything; all that keep something
  /// for keys do keep track when `step_context::snapshots` says that it will be asked for.
  virtual saved save_changes(state_writer& to) {
    save(to);
    return saved::everything;
  }

  /// The states that `save` may write, also those that hold nothing now.
  [[nodiscard]] virtual std::vector<state_description> states() const { return {}; }

  /// Takes back an entry that `save` has written, of a step of the same kind and with the same states; before the first
  /// batch or signal. Entries of one state come in the order of their keys' bytes.
  /// @throws state_error when it knows no such state or the bytes are damaged.
  virtual void load(const state_entry& entry) { throw unknown_state(entry); }

  /// Instead of `load`, of an entry that `step_context::stored` finds and that belongs to a key: the step may leave it there
  /// until it needs it. @returns false when it has to be loaded.
  virtual bool leave_stored(const state_entry& entry) {
    (void)entry;
    return false;
  }

  /// Whether what has changed takes so much of `step_context::memory` that a checkpoint is to begin, and nothing to be read before
  /// it is stored.
  [[nodiscard]] virtual bool wants_checkpoint() const { return false; }

  /// Whether what has changed, or is being stored, takes all of that: it should be given nothing before `on_stored`.
  [[nodiscard]] virtual bool is_full() const { return false; }

  /// What the first `snapshots` calls of `save_changes` have written is stored now, and what they were not to write was before.
  virtual void on_stored(std::uint32_t snapshots) { (void)snapshots; }

  /// A checkpoint could not be stored: nothing that was stored before is to be kept open, as the store may have to open it again.
  virtual void on_failed() {}

  /// Whether records may leave at the side output of this name; false only when it is certain that none ever will, so that
  /// whoever reads it has made a mistake.
  [[nodiscard]] virtual bool emits_to(std::string_view side_output) const {
    (void)side_output;
    return true;
  }

  /// Whether it can go on without a record that its function refuses: nothing of it is kept in part. Only such a step is given
  /// `step_context::letters`.
  [[nodiscard]] virtual bool refuses() const { return false; }

  /// Whether it has windows of event time, so that what it emits is decided by the times of the records.
  [[nodiscard]] virtual bool has_event_time_windows() const { return false; }

  /// How many calls to the outside are on their way: those that time alone does not move on.
  [[nodiscard]] virtual std::size_t calls_outside() const { return 0; }

  /// The watermark that it has passed on last.
  [[nodiscard]] timestamp watermark() const noexcept { return watermark_; }

  /// Shows that watermark as the metric `watermark`, in milliseconds, from now on, and as `idle` (1) that nobody waits for it.
  void show_watermark() {
    shown_watermark_ = &counter("watermark");
    shown_watermark_->set(to_millis(watermark_));
    shown_idle_ = &counter("idle");
    shown_idle_->set(0);
  }

  /// Whether the step has more to emit than the flow would take.
  [[nodiscard]] bool parked() const noexcept { return parked_; }

  [[nodiscard]] const step_context& context() const noexcept { return context_; }

protected:
  void emit(batch_ptr out, std::size_t port = 0) {
    if (out->empty())
      return;
    if (port >= ports_.size() || ports_[port].empty())
      return unread_.add(output_name(port), out->size());
    const auto& outputs = ports_[port];
    for (std::size_t i = 0; i + 1 < outputs.size(); ++i)
      outputs[i]->on_batch(out);
    outputs.back()->on_batch(std::move(out));
  }

  void emit(const signal& s) {
    if (s.kind == signal_kind::watermark) {
      watermark_ = s.time;
      if (shown_watermark_)
        shown_watermark_->set(to_millis(s.time));
    }
    if (shown_idle_ && (s.kind == signal_kind::watermark || s.kind == signal_kind::idle))
      shown_idle_->set(s.kind == signal_kind::idle);
    for (const auto& outputs : ports_)
      for (auto* output : outputs)
        output->on_signal(s);
  }

  [[nodiscard]] bool blocked() const noexcept { return context_.flow->blocked(); }
  void set_parked(bool parked) noexcept { parked_ = parked; }

  [[nodiscard]] metric& counter(std::string_view name) {
    return context_.metrics->get(name, context_.name, context_.instance);
  }

  /// Runs a user's code and gives what it throws the step's name.
  template <class Code>
  decltype(auto) run_user_code(Code&& code) {
    return leat::run_user_code(context_.name, {}, std::forward<Code>(code));
  }

  /// The same for one record, which becomes a dead letter in the place of the exception when the job wants that.
  /// @param from what it was made of.
  /// @returns false when it does.
  template <class T, class Code>
  bool run_for(const T& record, timestamp time, const origin& from, Code&& code) {
    if (!letters_.wanted()) {
      run_user_code(std::forward<Code>(code));
      return true;
    }
    try {
      code();
      return true;
    } catch (...) {
      letters_.add_thrown(record, time, from);
      return false;
    }
  }

  /// Refuses a record for a reason that was found without an exception.
  /// @throws step_error when the job wants no dead letters of the step.
  template <class T>
  void refuse(std::string why, const T& record, timestamp time, const origin& from) {
    if (!letters_.wanted())
      throw step_error{"step '" + context_.name + "' refuses a record, and has no dead letters: " + why};
    letters_.add({std::move(why)}, record, time, from);
  }

  [[nodiscard]] refusals& letters() noexcept { return letters_; }

  /// Emits the dead letters there are: not more than records were given, so it need not ask. Those that nobody takes were
  /// counted when they were made.
  void emit_letters() {
    auto letters = letters_.take_letters();
    const auto& sides = context_.side_outputs;
    for (std::size_t i = 0; letters && i < sides.size(); ++i)
      if (sides[i].name == refusals_output)
        return emit(std::move(letters), i + 1);
  }

  /// What `load` throws for a state that the step does not have.
  [[nodiscard]] state_error unknown_state(const state_entry& entry) const {
    return state_error{
      "step '" + context_.name + "' has saved state \"" + std::string{entry.state} +
      "\", which it no longer keeps: name the state as before, or give the step another uid to start it empty"};
  }

  [[nodiscard]] unread_outputs& unread() noexcept { return unread_; }

private:
  /// The name of the side output at a port; empty for the main output.
  [[nodiscard]] std::string_view output_name(std::size_t port) const noexcept {
    const auto& sides = context_.side_outputs;
    return port >= 1 && port <= sides.size() ? std::string_view{sides[port - 1].name} : std::string_view{};
  }

  const step_context context_;
  unread_outputs unread_{context_};
  refusals letters_{context_.letters};
  std::vector<std::vector<receiver*>> ports_{1};
  timestamp watermark_ = min_timestamp;
  metric* shown_watermark_ = nullptr;
  metric* shown_idle_ = nullptr;
  bool parked_ = false;
};

} // namespace leat
