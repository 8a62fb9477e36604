#pragma once

#include <leat/bench/bench_report.hpp>
#include <leat/bench/generated_events.hpp>

#include <leat/leat.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// What `bench operators` measures: pipelines over the same source in memory, by name.
namespace leat::bench::operators {

/// The pipelines, and what was measured of them.
class pipeline_table {
public:
  /// A pipeline over one stream.
  /// @param all_fast false: with many keys it is bound by what it makes, and has no goal.
  template <class Describe>
  void add(const std::string& what, Describe describe, const std::string& beside = "source alone", bool all_fast = true) {
    pipelines_.push_back({what, 1, beside, [=](const auto& streams) { to_sink(describe(streams[0])); }, all_fast});
  }

  /// A pipeline over two streams, which have the events between them.
  template <class Describe>
  void add_two(const std::string& what, Describe describe) {
    pipelines_.push_back(
      {what, 2, "source alone", [=](const auto& streams) { to_sink(describe(streams[0], streams[1])); }, true});
  }

  /// Measures what has `only` in its name, and before it what that is compared with.
  /// @returns false when no name has it.
  [[nodiscard]] bool measure(const std::string& only);

  /// What can be chosen, a line each.
  [[nodiscard]] std::string names() const;

  bench_report report{"operators"};

private:
  struct pipeline {
    std::string what;
    std::int32_t sources;
    std::string beside; ///< was added before
    std::function<void(const std::vector<stream<event>>&)> describe;
    bool all_fast;
  };

  template <class T>
  static void to_sink(const stream<T>& s) {
    s.sink(counted_rows<T>{});
  }

  [[nodiscard]] std::set<std::string> with_baselines(const std::string& only) const;
  void measure(const pipeline& p, std::int64_t keys);

  std::vector<pipeline> pipelines_;
  std::map<std::pair<std::string, std::int64_t>, double> measured_;
};

// Each adds its pipelines:

void add_stateless(pipeline_table& t);
void add_keyed(pipeline_table& t);
void add_windows(pipeline_table& t);

} // namespace leat::bench::operators
