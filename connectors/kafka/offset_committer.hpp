#pragma once

#include <leat/base/time.hpp>
#include <leat/connectors/kafka/client.hpp>
#include <leat/connectors/kafka/cluster_check.hpp>
#include <leat/messages/partition.hpp>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace leat {

/// The text Kafka stores beside a committed offset: the event time up to which every result was delivered
/// (`source::settled`), in the format of docs/formats/commit_metadata.md.
std::string format_commit_metadata(timestamp settled);

/// Reads it back; none when the text is not Leat's, so that offsets committed by other programs can be started from.
std::optional<timestamp> parse_commit_metadata(std::string_view text) noexcept;

/// What went wrong with a commit, or with asking for what is committed, and what to do, for a person.
std::string explain_commit_error(rd_kafka_resp_err_t code);

/// Commits the offsets of all partitions of one source, one request at a time.
///
/// Readers say what is delivered whenever they know it; while a request is under way the newest word of each partition
/// is kept and goes out with the next one. So a slow or absent coordinator costs one waiting request and one entry a
/// partition, however often `commit` is called. What failed for a passing reason is kept and tried again with the next
/// commit; a newer position always wins over an older one.
///
/// Thread-safe. Invariants: at most one request is under way; `waiting_` never holds an older position than `under_way_`
/// for the same partition.
class offset_committer : public background_events {
public:
  /// @param group the consumer group, for error texts.
  explicit offset_committer(std::string group) : group_{std::move(group)} {}

  /// Gives it the handle to commit through; called once, before anything else.
  void attach(rd_kafka_t* rk);

  /// Commits without waiting that everything before `position` is delivered.
  void commit(const partition& which, std::int64_t position, timestamp settled);

  /// Waits until nothing is left to commit, at most `deadline`, and accepts nothing more.
  /// @returns whether everything is stored.
  bool finish(duration deadline);

  /// Why committing cannot go on (no permission, a foreign member in the group), with group and partition; none while it
  /// can. Still there after `finish`.
  [[nodiscard]] std::optional<std::string> failure() const;

  void on_event(rd_kafka_event_t* event) noexcept override;

private:
  struct committed {
    std::int64_t position = 0;
    timestamp settled{};
  };
  using positions = std::map<partition, committed>;

  void send();
  void take_back(const partition& which);

  const std::string group_;
  mutable std::mutex m_;
  std::condition_variable changed_;
  rd_kafka_t* rk_ = nullptr;            // guarded by m_, like all below
  kafka_ptr<rd_kafka_queue_t> results_; // the background queue
  positions waiting_;
  positions under_way_;
  std::optional<std::string> failure_;
};

/// What the readers of one source share: the client, who commits through it, and names for error texts.
/// The last reader or the source, whichever goes last, destroys it.
struct kafka_consumer {
  cluster_user user;
  std::shared_ptr<offset_committer> committer;
  std::unique_ptr<kafka_client> client; // last: destroyed before what its threads may call
};

} // namespace leat
