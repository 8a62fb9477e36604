#include <leat/bench/checkpoints/running_checkpoints.hpp>

#include <leat/actors/running_job.hpp>
#include <leat/bench/checkpoints/scratch_folder.hpp>
#include <leat/bench/pings.hpp>
#include <leat/connectors/immediate_writer.hpp>
#include <leat/connectors/spec.hpp>
#include <leat/leat.hpp>
#include <leat/persistence/checkpoint_view.hpp>
#include <leat/tests/support/process.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace leat::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t keys = 1'000'000;
constexpr std::int64_t per_second = 100'000; // 1 % of the keys in 100 ms
constexpr auto settled = 2s;                 // before it is measured: checkpoints of all keys are over then
constexpr auto measured = 10s;

/// A change of a key's state.
struct change {
  std::int64_t key = 0;
  std::int64_t sent_ns = 0; ///< 0: it is not measured
};
BOOST_DESCRIBE_STRUCT(change, (), (key, sent_ns))

// ---- every key once as fast as possible, then so many changes a second ---------------------------------------------------

class paced_reader final : public partition_reader {
public:
  paced_reader(bool paced, waker wake) : paced_{paced}, wake_{std::move(wake)} {
    if (paced_)
      clock_ = std::jthread{[this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          std::this_thread::sleep_for(1ms);
          wake_();
        }
      }};
  }

  read_status read(batch_base& out, batch<dead_letter>&) override {
    auto& to = batch<change>::of(out);
    if (!paced_ || next_ < keys) {
      for (int i = 0; i < 1'000; ++i, ++next_)
        to.push(change{next_ * 7'919 % keys, 0}, from_millis(0));
      return read_status::more;
    }
    const auto now = now_ns();
    if (begin_ == 0)
      begin_ = now;
    constexpr auto pause = 1'000'000'000 / per_second;
    const auto due = keys + (now - begin_) / pause;
    for (int i = 0; i < 1'000 && next_ < due; ++i, ++next_) {
      const auto sent = (next_ - keys) * pause;
      to.push(
        change{next_ * 7'919 % keys, sent < std::chrono::nanoseconds{settled}.count() ? 0 : begin_ + sent}, from_millis(0));
    }
    return next_ < due ? read_status::more : read_status::drained;
  }
  [[nodiscard]] std::int64_t position() const override { return next_; }
  void commit(std::int64_t, timestamp) override {}

private:
  const bool paced_;
  const waker wake_;
  std::int64_t next_ = 0;
  std::int64_t begin_ = 0; // of the paced part
  std::jthread clock_;
};

struct changes {
  using record = change;
  bool paced = true;

  class as_source final : public source {
  public:
    explicit as_source(bool paced) : paced_{paced} {}
    std::vector<partition> open(const connector_context&) override { return {{"changes", 0}}; }
    std::unique_ptr<partition_reader> make_reader(const partition&, std::optional<std::int64_t>, waker wake) override {
      return std::make_unique<paced_reader>(paced_, std::move(wake));
    }

  private:
    const bool paced_;
  };

  [[nodiscard]] std::string name() const { return "changes"; }
  [[nodiscard]] std::shared_ptr<source> make_source() const { return std::make_shared<as_source>(paced); }
  [[nodiscard]] std::shared_ptr<sink> make_dead_letters() const { return nullptr; }
  [[nodiscard]] watermark_rule watermarks() const { return {}; }
};

// ---- a sink that looks at the clock, or takes nothing until it is let ------------------------------------------------------

/// What the one actor of the sink shares with the benchmark.
class gate {
public:
  explicit gate(bool open) : open_{open} {}

  void open() {
    const std::lock_guard lock{m_};
    open_ = true;
    if (wake_)
      wake_();
  }

  void wakes(waker wake) {
    const std::lock_guard lock{m_};
    wake_ = std::move(wake);
  }

  [[nodiscard]] bool is_open() const noexcept { return open_; }

private:
  std::mutex m_;
  std::atomic<bool> open_;
  waker wake_; // guarded by m_
};

struct arrivals {
  using record = change;
  std::shared_ptr<gate> opens;
  std::shared_ptr<std::vector<double>> millis = std::make_shared<std::vector<double>>(); ///< of one actor

  class as_sink final : public sink {
  public:
    as_sink(std::shared_ptr<gate> opens, std::shared_ptr<std::vector<double>> millis)
      : opens_{std::move(opens)}, millis_{std::move(millis)} {}
    void open(const connector_context&) override {}
    std::unique_ptr<sink_writer> make_writer(std::uint32_t, std::uint32_t, waker wake) override {
      opens_->wakes(std::move(wake));
      return std::make_unique<writer>(opens_, millis_);
    }

  private:
    class writer final : public immediate_writer {
    public:
      writer(std::shared_ptr<gate> opens, std::shared_ptr<std::vector<double>> millis)
        : opens_{std::move(opens)}, millis_{std::move(millis)} {}
      std::size_t write(const batch_base& in, std::size_t from) override {
        if (!opens_->is_open())
          return 0;
        const auto now = now_ns();
        for (const auto& c : static_cast<const batch<change>&>(in).records().subspan(from))
          if (c.sent_ns != 0)
            millis_->push_back(static_cast<double>(now - c.sent_ns) / 1e6);
        return in.size() - from;
      }

    private:
      const std::shared_ptr<gate> opens_;
      const std::shared_ptr<std::vector<double>> millis_;
    };

    const std::shared_ptr<gate> opens_;
    const std::shared_ptr<std::vector<double>> millis_;
  };

  [[nodiscard]] std::string name() const { return "arrivals"; }
  [[nodiscard]] std::shared_ptr<sink> make_sink() const { return std::make_shared<as_sink>(opens, millis); }
  [[nodiscard]] delivery guarantee() const { return delivery::at_least_once; }
};

/// Counts the changes of each key.
class count_changes {
public:
  void open(state_registry& states) { states.add("count", count_); }
  void process(const change& c, keyed_context<std::int64_t>&, collector<change>& out) {
    ++count_.edit();
    out.push(c);
  }

private:
  value_state<std::int64_t> count_;
};

struct outcome {
  std::vector<double> waits;       ///< of records, in milliseconds, sorted
  std::vector<double> checkpoints; ///< how long each took, sorted
  double bytes = 0;                ///< of the last
};

struct conditions {
  changes from;
  bool takes = true; ///< the sink
  bool with_checkpoints = true;
  bool queried = false;
};

/// A program that asks for the state of ten keys, 50 times a second.
std::unique_ptr<testing::process> start_queries(const scratch_folder& place, const std::string& name) {
  const auto self = std::filesystem::canonical("/proc/self/exe").string();
  return std::make_unique<testing::process>(
    std::vector<std::string>{self, "query", place.path(name)}, place.path(name + ".log"));
}

outcome run(const conditions& c, const scratch_folder& place, const std::string& name) {
  arrivals to{std::make_shared<gate>(c.takes)};
  job counts{name};
  counts.source(c.from)
    .key_by(&change::key)
    .process<change>(count_changes{})
    .with_parallelism(1)
    .sink(to)
    .with_parallelism(1);
  run_options options;
  options.parallelism = 1;
  if (c.with_checkpoints) {
    options.checkpoints.directory = place.path(name);
    options.checkpoints.interval = 100ms;
    options.checkpoints.history = 10'000;
  }
  settings config;
  metrics registry;
  running_job running{counts.plan(), options, config, registry};
  if (c.takes)
    while (registry.sum("records_out") < keys)
      std::this_thread::sleep_for(10ms);
  auto queries = c.queried ? start_queries(place, name) : nullptr;
  std::this_thread::sleep_for(settled + measured);
  if (queries && !queries->running())
    throw std::runtime_error{fmt::format("the queries have ended: see {}", place.path(name + ".log"))};
  queries.reset();
  outcome seen;
  if (c.with_checkpoints)
    for (const auto& past : running.checkpoints()) {
      if (past.stored && past.epoch > 20)
        seen.checkpoints.push_back(static_cast<double>(past.took.count()));
      seen.bytes = static_cast<double>(past.bytes());
    }
  to.opens->open();
  running.stop();
  (void)running.wait();
  seen.waits = std::move(*to.millis);
  std::sort(seen.waits.begin(), seen.waits.end());
  std::sort(seen.checkpoints.begin(), seen.checkpoints.end());
  return seen;
}

} // namespace

void report_running_checkpoints(bench_report& report) {
  const scratch_folder place{"running"};
  const auto without = run({.from = {}, .with_checkpoints = false}, place, "without");
  const auto with = run({.from = {}}, place, "with");
  report.add({"1 % of 1 M keys changed: checkpoint p50", percentile(with.checkpoints, 0.5), "ms", "", {}, at_most(20)});
  report.add({"1 % of 1 M keys changed: checkpoint p99", percentile(with.checkpoints, 0.99), "ms", "", {}, at_most(20)});
  report.add({"its bytes", with.bytes / 1e3, "kB"});
  for (const auto& [name, share] : {std::pair{"p99", 0.99}, std::pair{"p99.9", 0.999}, std::pair{"longest", 1.0}}) {
    const auto beside = percentile(without.waits, share), value = percentile(with.waits, share);
    report.add({fmt::format("record on its way, {}", name), value, "ms", "without checkpoints", value / beside});
  }
  report.add({"longest: because of checkpoints", with.waits.back() - without.waits.back(), "ms", "", {}, at_most(10)});
  const auto queried = run({.from = {}, .queried = true}, place, "queried");
  for (const auto& [name, share] : {std::pair{"p99", 0.99}, std::pair{"longest", 1.0}}) {
    const auto value = percentile(queried.waits, share);
    report.add(
      {fmt::format("record on its way, 50 queries a second, {}", name), value, "ms", "without queries",
       value / percentile(with.waits, share)});
  }
  const auto stopped = run({.from = {false}, .takes = false}, place, "stopped");
  report.add(
    {"sink stopped: longest checkpoint",
     stopped.checkpoints.empty() ? 1e9 : stopped.checkpoints.back() / 1e3,
     "s",
     "",
     {},
     at_most(1)});
  report.add({"sink stopped: checkpoints", static_cast<double>(stopped.checkpoints.size())});
}

void run_queries(const std::string& directory) {
  for (std::size_t n = 0;; ++n) {
    const auto view = checkpoint_view::open(directory);
    for (const auto& step : view.manifest().steps)
      if (step.state("count") != nullptr)
        if (const auto groups = view.groups(step.uid); !groups.empty()) {
          int seen = 0;
          view.scan_group(step.uid, "count", groups[n % groups.size()], [&](const stored_entry&) { return ++seen < 10; });
        }
    std::this_thread::sleep_for(20ms);
  }
}

} // namespace leat::bench
