#pragma once

#include <leat/actors/epochs/pending_snapshot.hpp>
#include <leat/actors/epochs/state_snapshot.hpp>
#include <leat/actors/task_host.hpp>
#include <leat/actors/tasks/task_outputs.hpp>
#include <leat/actors/time/actor_time.hpp>
#include <leat/actors/time/alignment_member.hpp>
#include <leat/connectors/refusal_log.hpp>
#include <leat/connectors/source.hpp>
#include <leat/operators/chain.hpp>
#include <leat/operators/watermark_generator.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// What a partition's source task is made from.
struct source_task_options {
  actor_id self = 0;
  std::string name;                         ///< the step's name, for metrics
  std::uint32_t instance = 0;               ///< which of its source's actors, for metrics
  boost::intrusive_ptr<batch_pool> records; ///< batches of the source's record type
  timestamp settled = min_timestamp;        ///< where the watermark starts; see `source::settled`
  duration idle_timeout{};                  ///< after so long without a record the partition holds nobody up
  std::optional<duration> max_drift{};      ///< of a source whose watermark is aligned with others'
  std::shared_ptr<refusal_log> refusals{};  ///< of all partitions of the source; none: refused records are counted only
};

/// The engine of a `partition_source` actor: reads batches, keeps the partition's watermark, runs the stateless steps behind
/// it and answers for the partition's position.
///
/// Reads only while the chain is ready, so that a slow sink stops the reading. When nothing is left to read, or a few
/// batches have gone by, the watermark follows. A barrier stands behind what has been read when it is asked for; the
/// position of that moment is what a commit of its epoch stores.
///
/// Aligned with others, it takes no more from its reader while its watermark is past the limit that it was told. Whatever
/// else is asked of it, it does as ever: barriers, commits, its end. An idle one that has records again reads a batch first,
/// so that its watermark is waited for.
///
/// Lives in one actor; not thread-safe. Time comes in through `on_tick`.
class source_task {
public:
  using clock = std::chrono::steady_clock;

  source_task(source_task_options options, std::unique_ptr<watermark_strategy> watermarks, metrics& registry);

  /// Before the first call: the reader, whose waker must lead to `run`.
  void set_reader(std::unique_ptr<partition_reader> reader) { reader_ = std::move(reader); }
  void attach(task_host& host) noexcept { host_ = &host; }

  [[nodiscard]] chain& steps() noexcept { return chain_; }
  [[nodiscard]] task_outputs& outputs() noexcept { return outputs_; }

  /// Where records go that cannot be decoded; none: they are counted only.
  void set_dead_letters(exchange& to) noexcept { dead_letters_ = &to; }

  /// Before the first call: what `what` saves is reported at each barrier, with the partition's position.
  /// @param of the partition's name.
  /// @param stage the source's uid.
  void take_snapshots(std::string stage, state_snapshot what, partition of) {
    snapshot_.emplace(std::move(what));
    pending_.emplace(std::move(stage), outputs_, *snapshot_);
    partition_ = std::move(of);
  }

  /// Before the first call: records that were on their way at the checkpoint which the job goes on from, to be sent before
  /// anything else.
  void set_in_flight(std::vector<restored_batch> records) { in_flight_ = std::move(records); }

  /// Says the first watermark and starts to read.
  void start(clock::time_point now);

  /// Reads on: there may be something, or room for it.
  void run();

  void on_credit(const credit_message& message);
  void on_trigger(const trigger_barrier& request);
  void on_overtake(const overtake_barrier& request);
  void on_commit(const commit_epoch& request);
  void on_limit(const watermark_limit& message);
  void on_let_read(const let_read& message);
  void on_stop();

  /// Called several times a second: declares the partition idle when there has been nothing to read for the timeout. One that
  /// cannot be read for now, its broker being away, or may not be, being ahead of others, is not idle: its records are still
  /// to come.
  void on_tick(clock::time_point now);

  /// How far event time has come here.
  [[nodiscard]] actor_time time() const;

private:
  [[nodiscard]] bool held() const;
  void hold();
  void rest();
  bool read_batch();
  void refuse(boost::intrusive_ptr<batch<dead_letter>> rejected);
  void take_in(batch_ptr records);
  void say(const signal& s);
  void say_watermark();
  void report_watermark(alignment_member::precision how);
  void fall_idle(clock::time_point now);
  void say_barriers();
  void overtake(std::uint64_t epoch);
  void pass(std::uint64_t epoch);
  void report_snapshot();
  void end_stream();

  enum class phase {
    reading,
    stopping,   // was asked to stop: the stream ends where it is, and no window fires for it
    completing, // has read everything: the stream ends with a watermark of +inf
    ended,
  };

  const source_task_options options_;
  chain chain_;
  task_outputs outputs_;
  exchange* dead_letters_ = nullptr;
  std::unique_ptr<partition_reader> reader_;
  task_host* host_ = nullptr;
  watermark_generator watermarks_;
  std::optional<alignment_member> alignment_; // none: it waits for nobody
  boost::intrusive_ptr<batch_pool> letters_ = make_pool<dead_letter>();

  std::deque<std::uint64_t> barriers_;              // asked for, not yet said
  std::uint64_t overtakes_until_ = 0;               // barriers up to this one wait behind nothing
  std::map<std::uint64_t, std::int64_t> positions_; // of epochs not yet committed
  std::optional<state_snapshot> snapshot_;          // none: barriers lead to commits only
  std::optional<pending_snapshot> pending_;
  partition partition_;
  std::vector<restored_batch> in_flight_;
  timestamp said_ = min_timestamp; // the last watermark said
  phase phase_ = phase::reading;
  bool run_scheduled_ = false;
  int unsaid_batches_ = 0; // read since the last watermark
  bool idle_ = false;
  bool rests_ = false;                             // it may not read
  std::optional<clock::time_point> drained_since_; // since which tick nothing has come
  bool drained_ = false;
  clock::time_point now_{}; // of the last tick

  metric& records_in_;
  metric& dead_letters_out_;
  metric& watermark_metric_;
  metric& idle_metric_; // 1 while idle: nobody waits for its watermark
  metric& lag_;
  metric& held_; // 1 while it is
};

} // namespace leat
