#pragma once

#include <leat/operators/distribution.hpp>
#include <leat/tests/support/checkpointed_fixture.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <string>

namespace leat::testing {

using alignment_timeout = std::optional<duration>;

inline std::string to_text(const alignment_timeout& t) { return t ? std::to_string(t->count()) + "ms" : "none"; }

/// Barriers that always wait, that wait for a while, and that never do.
inline const auto every_alignment = {alignment_timeout{}, alignment_timeout{150ms}, alignment_timeout{0ms}};

/// A job whose barriers wait for so long. In every fourth one a shard has hardly room for a row: it reads cold rows from the store,
/// and takes records only while what no checkpoint has stored is little.
struct unaligned_fixture : checkpointed_fixture {
  explicit unaligned_fixture(unsigned seed, alignment_timeout timeout, std::size_t each = 150)
    : checkpointed_fixture{seed, each} {
    options.checkpoints.alignment_timeout = timeout;
    if (seed % 4 == 0)
      options.checkpoints.memory = 1;
  }

  /// With sinks that write in transactions, whose epochs are full soon when barriers overtake.
  void commit_exactly_once() {
    exactly_once = true;
    if (options.checkpoints.alignment_timeout)
      committed_rows->full_at = committed_sums->full_at = 20;
  }

  /// Lets so many tenths of a second pass.
  static void pass(deterministic_job& job, int tenths) {
    for (int i = 0; i < tenths; ++i) {
      job.pass(100ms);
      job.settle();
    }
  }

  /// Nothing is taken at the end of the job. @returns how many checkpoints are stored.
  std::size_t checkpoints_under_backpressure() {
    cork();
    const auto job = begin(1);
    pass(*job, 20);
    CHECK(rows->all().empty());
    return storage->stored.size();
  }
};

/// An edge from the first step of a stage to stage `to`, each of whose actors gets every record.
inline edge_plan to_each_of(std::size_t to) {
  auto edge = straight_to<event>(to, 0);
  edge.make = [](edge_context) { return std::make_unique<broadcast_partitioner>(); };
  edge.copies = true;
  return edge;
}

} // namespace leat::testing
