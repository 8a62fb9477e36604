#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// What is known of one shard of a sink when it is restored, or when a transaction has ended in doubt.
struct epoch_facts {
  std::uint64_t checkpoint = 0;        ///< the epoch to go on from; 0: no checkpoint
  std::uint64_t after = 0;             ///< the marker before the first of `logs`, as their writer knew it; 0: none
  std::vector<std::uint64_t> logs;     ///< epochs whose logs the checkpoint holds, ascending, the last at most `checkpoint`
  std::optional<std::uint64_t> marker; ///< the epoch that is out, by the outside's word; none: it has no marker
  bool duplicates_allowed = false;     ///< by the user: going on counts more than each record once
};

/// What to do about the logs of a shard.
enum class epoch_action {
  nothing,        ///< all of them are out
  write,          ///< those behind `epoch_decision::from` are not: write them in one transaction, with the marker `mark`
  refuse_missing, ///< a marker should be there and is not
  refuse_newer,   ///< the marker is ahead of the checkpoint
  refuse_older,   ///< the marker is behind what was known to be out
  refuse_foreign, ///< the marker is one that this history never set
};

struct epoch_decision {
  epoch_action action = epoch_action::nothing;
  std::uint64_t from = 0; ///< for `write`: logs of later epochs are to be written; there may be none
  std::uint64_t mark = 0; ///< for `write`: the marker then

  friend bool operator==(const epoch_decision&, const epoch_decision&) = default;
};

/// Decides from the marker what is out. The marker must have been read after everybody else was shut out, or it may move.
///
/// An epoch without records need not set the marker: each log says which marker it follows (`after`), so the marker tells
/// all the same. What holds when all is well: it is one of `after` and the epochs of `logs`. Of a shard without logs, the
/// marker is missing or not ahead of the checkpoint: it had nothing to write.
///
/// With `duplicates_allowed` nothing is refused: what may be missing outside is written again, and the marker set to where
/// the job goes on from.
[[nodiscard]] epoch_decision decide_epoch(const epoch_facts& facts);

/// How to speak of a marker to a person.
struct marker_words {
  std::string marker;   ///< where it is kept: `group "job.alerts.0" on kafka:9092`
  std::string how_lost; ///< how it may have come to be missing, a question or more
  std::string setting;  ///< which lets duplicates pass: `kafka.allow-duplicates`
};

/// What was found, what it may mean and what to do, for a person.
[[nodiscard]] std::string explain_refusal(epoch_action refused, const epoch_facts& facts, const marker_words& of);

} // namespace leat
