#pragma once

#include <leat/actors/running_job.hpp>
#include <leat/pipeline/job.hpp>
#include <leat/tests/support/memory_connectors.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// A job over records in memory, run to its end.
class bounded_run {
public:
  explicit bounded_run(std::uint32_t parallelism = 2) { options_.parallelism = parallelism; }

  /// A source of these partitions; `late_by` is how far their records are out of order.
  template <class T, class TimeOf>
  stream<T> source(
    std::vector<std::vector<T>> partitions, TimeOf time_of, duration late_by = 0ms, const std::string& name = "memory") {
    const auto log = std::make_shared<memory_log<T>>(std::move(partitions));
    return job_.source(from_memory<T>{log, time_of, late_by}).named(name);
  }

  /// Everything that reaches the end of `s`, after `run`.
  template <class T>
  std::shared_ptr<memory_rows<T>> collect(const stream<T>& s, const std::string& name = "rows") {
    auto rows = std::make_shared<memory_rows<T>>();
    s.sink(to_memory<T>{rows, name});
    return rows;
  }

  void run() {
    options_.threads = 2;
    options_.bounded = true;
    options_.credit = 2;
    const settings none;
    running_job running{job_.plan(), options_, none, registry};
    REQUIRE(running.wait().reason.empty());
  }

  [[nodiscard]] job& description() { return job_; }

  metrics registry;

private:
  job job_{"job"};
  run_options options_;
};

/// What arrived, in order of size.
template <class T>
std::vector<T> sorted(const std::shared_ptr<memory_rows<T>>& rows) {
  auto all = rows->all();
  std::sort(all.begin(), all.end());
  return all;
}

} // namespace leat::testing
