#pragma once

#include <leat/base/tally.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// A number that one actor writes and anybody reads. Relaxed: a reader sees some recent value, never a torn one.
/// On a cache line of its own, so that counting never makes two cores fight.
class alignas(64) metric {
public:
  void add(std::int64_t n) noexcept { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void set(std::int64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  void raise_to(std::int64_t n) noexcept {
    if (n > value())
      set(n);
  }
  [[nodiscard]] std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::int64_t> value_{0};
};

/// All metrics of one job. Registration is thread-safe and returns references that stay valid for the registry's life;
/// each metric then has one writing actor.
class metrics {
public:
  /// One metric as read at some instant.
  struct sample {
    std::string name;           ///< "records_in"
    std::string step;           ///< the step's name, "alerts"
    std::uint32_t instance = 0; ///< which of the step's parallel actors
    std::int64_t value = 0;
    std::string output{}; ///< which of the step's outputs it is about; empty: the main one, or none
  };

  /// The metric of that name, step, instance and output; registers it, with 0, when it is not there yet.
  /// @param output which of the step's outputs it is about; empty: the main one, or none.
  metric& get(std::string_view name, std::string_view step, std::uint32_t instance, std::string_view output = {});

  [[nodiscard]] std::vector<sample> samples() const;

  /// The sum of `name` over all steps, instances and outputs, or over those of one step.
  [[nodiscard]] std::int64_t sum(std::string_view name, std::string_view step = {}) const;

  /// Keeps a text beside the numbers, such as why a step has refused its first record. The first of its name and step stands.
  void note(std::string_view name, std::string_view step, std::string_view text);

  /// What was noted; empty when nothing was.
  [[nodiscard]] std::string noted(std::string_view name, std::string_view step) const;

  /// Counts texts beside the numbers, such as why a step refuses records: made at the first call, and there for the registry's life.
  tally& tally_of(std::string_view name, std::string_view step);

  /// Null when nobody counts them.
  [[nodiscard]] const tally* tallied(std::string_view name, std::string_view step) const;

private:
  struct entry {
    std::string name;
    std::string step;
    std::uint32_t instance;
    std::string output;
    metric value;
  };

  mutable std::mutex m_;
  std::deque<entry> entries_;                                        // guarded by m_; entries never move
  std::map<std::pair<std::string, std::string>, std::string> notes_; // guarded by m_; by name and step
  std::map<std::pair<std::string, std::string>, tally> tallies_;     // guarded by m_, which tallies themselves are not
};

} // namespace leat
