#pragma once

#include <leat/actors/epochs/state_snapshot.hpp>
#include <leat/actors/sinks/sink_end.hpp>
#include <leat/connectors/transactional_writer.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// The name of the state that has the epoch logs of a sink: under the sink's uid, one entry a log.
inline constexpr std::string_view epoch_logs_state = "leat.epoch_logs";

/// The log in an entry of `epoch_logs_state`.
[[nodiscard]] saved_epoch_log epoch_log_of(const state_entry& entry);

/// The end of a sink's chain whose records become visible once, in the transaction of an epoch: what came before barrier N is
/// part of checkpoint N as a log, and written out when the checkpoint is durable. See `transactional_writer`.
///
/// A checkpoint is told of an epoch when the writer has prepared it, so not always at once.
///
/// When the writer waits for a checkpoint to be stored and the one that it has cut last comes to nothing, no barrier may come any
/// more, but for one that overtakes: then it fails.
///
/// A barrier that comes while what a restart has found is still written out is reported when that is done: so no checkpoint is
/// complete, and nothing newer comes out, before it.
///
/// Lives in the sink's actor; not thread-safe.
class exactly_once_end final : public sink_end {
public:
  /// What a restart goes on from.
  struct origin {
    std::uint64_t checkpoint = 0;      ///< 0: none
    std::vector<saved_epoch_log> logs; ///< that this actor is to take over
  };

  /// @param uid of the sink, under which logs are saved.
  /// @param records_out counts what was written, `dead_letters` what was taken and rejected.
  exactly_once_end(
    actor_id self, std::string uid, std::unique_ptr<transactional_writer> writer, origin from, flow& chain,
    metric& records_out, metric& dead_letters);

  void on_signal(const signal&) override {}
  void expect_overtaking() noexcept override { waits_for_barrier_ = true; }
  void on_snapshot(snapshot_taken taken) override;
  void on_ended(actor_ended ended) override;
  void on_stored(const checkpoint_stored& what) override;
  void on_failed(const checkpoint_failed& what) override;

private:
  std::size_t write(const batch_base& in, std::size_t from) override;
  [[nodiscard]] std::uint64_t rejected() const override { return writer_->rejected(); }
  void report_news() override;
  void report_held();
  void cut_held();
  void add_logs(const epoch_cut& changes, actor_state& to);
  void look_at_room(bool took_some);

  const std::string uid_;
  std::unique_ptr<transactional_writer> writer_;
  std::vector<snapshot_taken> held_; // barriers that have come before the restore was done
  std::optional<actor_ended> ended_; // likewise
  std::deque<snapshot_taken> cut_;   // whose epochs are not prepared
  std::optional<actor_ended> last_;  // likewise
  std::uint64_t last_epoch_;         // that was cut
  std::uint64_t decided_;            // of a checkpoint: it is stored, or has come to nothing, as those before
  std::uint64_t committed_ = 0;      // as last reported
  bool asked_ = false;               // for a checkpoint, since the last cut
  bool said_to_wait_ = false;        // for its barrier
  bool waits_for_barrier_ = false;   // when the epoch is full; otherwise it may never come
};

} // namespace leat
