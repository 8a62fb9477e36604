#include <leat/apps/fraud_alerts/demo/demo.hpp>

#include <leat/actors/running_job.hpp>
#include <leat/apps/fraud_alerts/demo/alert_printer.hpp>
#include <leat/apps/fraud_alerts/demo/alert_reader.hpp>
#include <leat/apps/fraud_alerts/demo/demo_cluster.hpp>
#include <leat/apps/fraud_alerts/demo/demo_report.hpp>
#include <leat/apps/fraud_alerts/demo/transaction_feed.hpp>
#include <leat/apps/fraud_alerts/fraud_alerts_job.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/kafka/client_settings.hpp>
#include <leat/pipeline/progress/progress_display.hpp>

#include <fmt/format.h>

#include <chrono>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace leat::fraud {

namespace {

using clock = std::chrono::steady_clock;

/// A job that reads nothing for so long has a fault.
constexpr std::chrono::seconds patience{30};

constexpr auto any = std::numeric_limits<std::int64_t>::max();

std::uint64_t seed_of(const settings& config) {
  const auto chosen = config.integer_or_auto("demo.seed", 0, any);
  return chosen ? static_cast<std::uint64_t>(*chosen) : std::random_device{}() % 1'000'000;
}

/// How far behind the last transaction a watermark closes all windows.
duration closing_gap(const settings& config, const rules& what) {
  return config.span("time.out-of-orderness") + what.rate.window + what.spending.window;
}

traffic_options options_of(const settings& config, const rules& what) {
  const auto now = std::chrono::floor<duration>(std::chrono::system_clock::now());
  const auto end = now - closing_gap(config, what); // so that the closing transactions do not lie in the future either
  const auto events = config.integer("demo.events", 1, any);
  return {seed_of(config), events, aligned_start(what, events, end), config.span("time.out-of-orderness")};
}

feed_options options_of(const settings& config, const rules& what, const demo_cluster& cluster) {
  feed_options o;
  o.brokers = cluster.brokers();
  o.properties = given_properties(cluster.config());
  o.topic = cluster.config().text("topics.input");
  o.partitions = static_cast<int>(config.integer("demo.partitions", 1, 64));
  o.rate = config.integer("demo.rate", 0, any);
  o.ahead = config.integer("demo.ahead", 1, any);
  o.close_after = closing_gap(config, what);
  return o;
}

/// One demo from its first transaction to its table.
class demo {
public:
  demo(const launch& start, console& to, bool in_colour)
    : config_{start.config}, to_{to}, rules_{rules_from(config_)}, made_from_{options_of(config_, rules_)},
      traffic_{rules_, made_from_}, latencies_{rules_, made_from_.late, traffic_.frauds()}, scores_{traffic_.frauds()},
      cluster_{config_, names_brokers(start.config), static_cast<int>(config_.integer("demo.partitions", 1, 64))},
      printer_{to, in_colour, config_.integer("demo.lines-per-second", 0, any)} {}

  int run(const std::function<bool()>& interrupted) {
    introduce();
    const auto what = fraud_alerts_job(cluster_.config());
    running_job running{what.plan(), run_options_from(cluster_.config()), cluster_.config(), registry_};
    alert_reader reader{cluster_.config(), cluster_.config().text("topics.output")};
    const auto began = clock::now();
    {
      const progress_display progress{registry_, to_, progress_rhythm_from(config_, to_), false};
      transaction_feed feed{traffic_, options_of(config_, rules_, cluster_), registry_, latencies_};
      watch(running, reader, feed, interrupted);
      results_.seconds = std::chrono::duration<double>(clock::now() - began).count();
      results_.events = feed.events();
      drain(running, reader);
      excuse_what_was_not_fed(feed);
    }
    return report();
  }

private:
  void introduce() {
    to_.print(fmt::format(
      "{} transactions of {} users in {} of event time, {} frauds among them, through {} (--seed {} makes the same "
      "again)\n\n",
      made_from_.events, traffic_.shape().users, format_duration(traffic_.shape().span), traffic_.frauds().size(),
      cluster_.embedded() ? "an embedded Kafka" : "Kafka at " + cluster_.brokers(), made_from_.seed));
    if (!cluster_.embedded())
      to_.print(fmt::format(
        "in the topics {} and {}, which are deleted at the end\n\n", cluster_.config().text("topics.input"),
        cluster_.config().text("topics.output")));
  }

  /// Until all is fed and the job has read it.
  void watch(running_job& running, alert_reader& reader, transaction_feed& feed, const std::function<bool()>& interrupted) {
    auto moved = clock::now();
    for (std::int64_t before = -1;;) {
      take(reader);
      if (const auto ended = running.wait_for(0ms))
        throw connector_error{fmt::format("the job ended before its time: {}", ended->reason)};
      if (interrupted())
        feed.stop();
      const auto in = registry_.sum("records_in");
      if (feed.finished() && in >= feed.sent())
        return;
      if (std::exchange(before, in) != in)
        moved = clock::now();
      if (clock::now() - moved > patience)
        throw connector_error{fmt::format(
          "the job has read nothing for {} s: {} of {} transactions are read, from {}", patience.count(), in, feed.sent(),
          cluster_.brokers())};
    }
  }

  /// Ends the job and reads the alerts that it still writes.
  void drain(running_job& running, alert_reader& reader) {
    const auto until = clock::now() + config_.span("job.drain-deadline") + patience;
    const auto in_time = [&] {
      if (clock::now() > until)
        throw connector_error{fmt::format("the last alerts cannot be read from {}", cluster_.brokers())};
    };
    running.stop();
    auto ended = running.wait_for(0ms);
    for (; !ended; ended = running.wait_for(0ms), in_time())
      take(reader);
    if (ended->failed)
      throw connector_error{fmt::format("the job failed: {}", ended->reason)};
    for (const auto ends = cluster_.alert_ends(); !reader.has_read(ends); in_time())
      take(reader);
    printer_.finish();
  }

  void take(alert_reader& reader) {
    for (const auto& a : reader.read(20ms)) {
      const auto now = clock::now();
      latencies_.alert_read(a, now);
      scores_.add(a);
      printer_.show(a, now);
    }
    printer_.catch_up(clock::now());
  }

  void excuse_what_was_not_fed(const transaction_feed& feed) {
    for (std::size_t i = 0; i < feed.fed().size(); ++i)
      if (feed.fed()[i] < traffic_.frauds()[i].transactions)
        scores_.excuse(i);
    if (results_.events < made_from_.events)
      to_.print(fmt::format("\nstopped after {} transactions\n", results_.events));
  }

  int report() {
    results_.event_seconds = std::chrono::duration<double>(traffic_.shape().span).count() *
                             static_cast<double>(results_.events) / static_cast<double>(made_from_.events);
    results_.rules = scores_.by_rule();
    results_.false_alerts = scores_.false_alerts();
    results_.latencies = latencies_.milliseconds();
    results_.late = registry_.sum("late_records");
    results_.peak_memory = peak_memory();
    results_.embedded = cluster_.embedded();
    results_.rate = config_.integer("demo.rate", 0, any);
    to_.print(report_table(results_));
    return scores_.perfect() ? exit_done : exit_failed;
  }

  const settings& config_;
  console& to_;
  const rules rules_;
  const traffic_options made_from_;
  traffic traffic_;
  latency_log latencies_;
  scorecard scores_;
  metrics registry_;
  demo_cluster cluster_;
  alert_printer printer_;
  demo_results results_;
};

} // namespace

bool names_brokers(const settings& config) {
  std::vector<embedded_file> files{embedded::defaults};
  files.insert(files.end(), demo_defaults().begin(), demo_defaults().end());
  const auto& said = config.at("kafka.brokers");
  const auto unsaid = known_settings{files}.defaults().at("kafka.brokers");
  return said.origin != unsaid.origin || said.value != unsaid.value;
}

int run_demo(const launch& start, console& to, bool in_colour, const std::function<bool()>& interrupted) {
  if (start.line.bounded)
    throw config_error{"--bounded is for the service: the demo ends by itself"};
  return demo{start, to, in_colour}.run(interrupted);
}

} // namespace leat::fraud
