#pragma once

#include <leat/actors/dataflow_plan.hpp>
#include <leat/base/metrics.hpp>
#include <leat/base/time.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// How many of its records a source, step or sink may refuse before the job stops: rather that than throw everything away.
struct refusal_limit_options {
  std::optional<double> share{}; ///< of the records within `window`, above 0 and at most 1; none: any number
  duration window = 1min;        ///< how far back is looked
  std::int64_t least = 1'000;    ///< refused records within `window` below which nothing is said
};

/// Decides whether too much is refused. Each source, step and sink is measured by itself: one whose records are all bad is not
/// hidden behind another that has many good ones (docs/decisions/0015-too-many-dead-letters-stop-the-job.md).
///
/// Reads the counters of a job, a few times a second, and keeps about `samples_kept` of them for each place: nothing is done
/// per record. No clock of its own; not thread-safe.
class refusal_limit {
public:
  using clock = std::chrono::steady_clock;
  static constexpr int samples_kept = 60;

  /// @param registry outlives this. What it has counted already, in an earlier attempt, is not looked at.
  refusal_limit(refusal_limit_options how, const dataflow_plan& plan, const metrics& registry, clock::time_point now);

  /// Looks at the counters. @returns why the job is to stop, for a person; nothing while all is well.
  [[nodiscard]] std::optional<std::string> look(clock::time_point now);

private:
  struct sample {
    clock::time_point when;
    std::int64_t records = 0;
    std::int64_t refused = 0;
  };
  struct place {
    std::string kind;                  // "source"
    std::string name;                  // of the source, step or sink
    std::vector<std::string> counters; // whose sum is its records, the refused ones included
    std::string letters_in;            // where the dead letters are; empty: nowhere
    std::deque<sample> before;         // the oldest is the last one outside of the window
    sample now{};
  };

  void read(clock::time_point now);
  [[nodiscard]] std::string explain(const place& of, const sample& since) const;

  const refusal_limit_options how_;
  const metrics& registry_;
  std::vector<place> places_;
};

} // namespace leat
