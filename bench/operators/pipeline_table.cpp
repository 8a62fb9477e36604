#include <leat/bench/operators/pipeline_table.hpp>

#include <leat/actors/running_job.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

namespace leat::bench::operators {

namespace {

constexpr std::array<std::int64_t, 2> key_counts{10, 1'000'000};

/// The fastest of a few runs of one pipeline.
class stopwatch {
public:
  /// @param keys of all events.
  /// @param describe makes the pipeline of a job and a source, and leads it to a sink.
  double events_per_second(
    std::int64_t keys, std::int32_t sources, const std::function<void(const std::vector<stream<event>>&)>& describe) {
    double best = 0;
    for (int run = 0; run < runs; ++run) {
      job j{"operators"};
      std::vector<stream<event>> streams;
      for (std::int32_t s = 0; s < sources; ++s)
        streams.push_back(j.source(generated_events{events / 2 / sources, keys, 2, fmt::format("generated-{}", s)}));
      describe(streams);
      run_options options;
      options.threads = 2;
      options.parallelism = 2;
      options.bounded = true;
      const settings none;
      metrics registry;
      const auto begin = std::chrono::steady_clock::now();
      running_job running{j.plan(), options, none, registry};
      const auto result = running.wait();
      const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      if (result.failed) {
        fmt::print(stderr, "a pipeline failed: {}\n", result.reason);
        std::exit(1);
      }
      best = std::max(best, static_cast<double>(events) / took);
    }
    return best;
  }

private:
  static constexpr std::int64_t events = 4'000'000;
  static constexpr int runs = 2;
};

} // namespace

bool pipeline_table::measure(const std::string& only) {
  const auto chosen = with_baselines(only);
  for (const auto& p : pipelines_)
    if (chosen.contains(p.what))
      for (const auto keys : key_counts)
        measure(p, keys);
  return !chosen.empty();
}

std::string pipeline_table::names() const {
  std::string all;
  for (const auto& p : pipelines_)
    all += "  " + p.what + '\n';
  return all;
}

std::set<std::string> pipeline_table::with_baselines(const std::string& only) const {
  std::set<std::string> chosen;
  for (auto p = pipelines_.rbegin(); p != pipelines_.rend(); ++p)
    if (chosen.contains(p->what) || p->what.find(only) != std::string::npos)
      chosen.insert({p->what, p->beside});
  return chosen;
}

void pipeline_table::measure(const pipeline& p, std::int64_t keys) {
  const auto speed = stopwatch{}.events_per_second(keys, p.sources, p.describe);
  measured_[{p.what, keys}] = speed;
  report.add(
    {fmt::format("{}, {} keys", p.what, keys), speed, "events/s", p.beside, speed / measured_.at({p.beside, keys}),
     p.all_fast || keys <= 10 ? std::optional{at_least(3e6)} : std::nullopt});
}

} // namespace leat::bench::operators
