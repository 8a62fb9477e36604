// crashing-job: windows that are late at times, keyed state with timers, and two exactly-once sinks; ends by itself at a point that it
// is told, as a crash would end it, or sees what it is told of the system.

#include "crash_point.hpp"
#include "crashing_parts.hpp"
#include "paced_source.hpp"
#include "pretended_system.hpp"
#include "slow_sink.hpp"

#include <leat/actors/running_job.hpp>
#include <leat/connectors/kafka.hpp>
#include <leat/leat.hpp>
#include <leat/persistence/stored_checkpoints.hpp>

#include <spdlog/spdlog.h>

using namespace leat;
using namespace leat::testing;

namespace {

struct event {
  std::string key;
  std::int64_t number = 0, value = 0;
  leat::timestamp at;
};
BOOST_DESCRIBE_STRUCT(event, (), (key, number, value, at))

struct window_sums {
  std::string key;
  leat::timestamp from, to;
  std::int64_t events = 0, sum = 0, first = 0, last = 0;
};
BOOST_DESCRIBE_STRUCT(window_sums, (), (key, from, to, events, sum, first, last))

struct window_total {
  std::string key;
  leat::timestamp from, to;
  std::int64_t nth = 0, events = 0, sum = 0, first = 0, last = 0;
};
BOOST_DESCRIBE_STRUCT(window_total, (), (key, from, to, nth, events, sum, first, last))

struct tally_row {
  std::string key, kind;
  leat::timestamp at;
  std::int64_t nth = 0, events = 0, sum = 0;
};
BOOST_DESCRIBE_STRUCT(tally_row, (), (key, kind, at, nth, events, sum))

struct bucket {
  std::int64_t events = 0, sum = 0;
};
BOOST_DESCRIBE_STRUCT(bucket, (), (events, sum))

struct wider_bucket {
  std::int64_t events = 0;
  std::string note;
  std::int64_t sum = 0;
};
BOOST_DESCRIBE_STRUCT(wider_bucket, (), (events, note, sum))

struct narrower_bucket {
  std::int64_t events = 0;
  std::int32_t sum = 0;
};
BOOST_DESCRIBE_STRUCT(narrower_bucket, (), (events, sum))

constexpr duration disorder{1000}; // of the events of a partition
constexpr duration usual_disorder{200};
constexpr duration bucket_size{1000};

/// Numbers what a window emits: without that, nobody could tell whether its first rows are missing.
class number_firings {
public:
  void open(state_registry& r) { r.add("firings", firings_); }
  void process(const window_sums& w, window_context<std::string>&, collector<window_total>& out) {
    out.push(window_total{w.key, w.from, w.to, firings_.edit()++, w.events, w.sum, w.first, w.last});
  }

private:
  window_state<std::int64_t> firings_;
};

/// Every fifth event of a key, numbered; and the events of each second, numbered, when no more of them can come.
template <class Bucket>
class tally_up {
public:
  void open(state_registry& r) {
    r.add("events", events_);
    r.add("closed", closed_);
    r.add("buckets", buckets_);
  }

  void process(const event& e, keyed_context<std::string>& key, collector<tally_row>& out) {
    const auto n = events_.edit()++;
    if (n % 5 == 0)
      out.push(tally_row{key.key(), "sample", e.at, n / 5, e.number, e.value});
    const auto start = to_millis(e.at) - to_millis(e.at) % bucket_size.count();
    auto& b = buckets_.edit(start);
    ++b.events;
    b.sum = static_cast<decltype(b.sum)>(b.sum + e.value);
    key.set_timer(from_millis(start) + bucket_size + disorder);
  }

  void on_timer(timestamp when, keyed_context<std::string>& key, collector<tally_row>& out) {
    const auto start = when - disorder - bucket_size;
    const auto b = *buckets_.get(to_millis(start));
    out.push(tally_row{key.key(), "bucket", start, closed_.edit()++, b.events, b.sum});
    buckets_.erase(to_millis(start));
  }

private:
  value_state<std::int64_t> events_, closed_;
  map_state<std::int64_t, Bucket> buckets_;
};

/// Lets everything through, and remembers how much that was.
class remember {
public:
  void open(state_registry& r) { r.add("passed", passed_); }
  void process(const event& e, keyed_context<std::string>&, collector<event>& out) {
    ++passed_.edit();
    out.push(e);
  }

private:
  value_state<std::int64_t> passed_;
};

struct event_source : kafka::source_spec<event> {
  std::size_t pace = 0;
  [[nodiscard]] std::shared_ptr<source> make_source() const {
    return std::make_shared<paced_source<event>>(kafka::source_spec<event>::make_source(), pace);
  }
};

template <class T>
struct crashing_kafka_sink {
  using record = T;
  std::string step, topic;

  [[nodiscard]] std::string name() const { return step; }
  [[nodiscard]] delivery guarantee() const { return delivery::exactly_once; }
  [[nodiscard]] std::shared_ptr<sink> make_sink() const {
    kafka_sink_options options{topic, [name = step](transaction_point p) { pass_transaction(name, p); }};
    return std::make_shared<crashing_sink>(std::make_shared<kafka_sink>(
      options, json, schema_of<T>(), std::make_shared<typed_key<T, std::string T::*>>(&T::key)));
  }
};

struct job_options {
  std::string name, input, totals, tallies, pace = "0", poison = "-1", variant, slow_sink;
};

template <class Stream>
void tally(const Stream& by_key, const job_options& o) {
  const auto to = [&](const auto& tallied) {
    tallied.uid("tallying")
      .named(o.variant == "renamed" ? "lately, of each key" : "tallying")
      .sink(crashing_kafka_sink<tally_row>{"tallies", o.tallies});
  };
  if (o.variant == "wider")
    to(by_key.template process<tally_row>(tally_up<wider_bucket>{}));
  else if (o.variant == "narrower")
    to(by_key.template process<tally_row>(tally_up<narrower_bucket>{}));
  else
    to(by_key.template process<tally_row>(tally_up<bucket>{}));
}

job described(const job_options& o) {
  job all{o.name};
  const event_source from{
    kafka::source<event>(o.input, json).event_time(&event::at, late_by(usual_disorder)), std::stoul(o.pace)};
  auto events = all.source(from).filter([poison = std::stoll(o.poison)](const event& e) {
    if (e.number == poison)
      throw std::domain_error{"an event that it cannot bear"};
    return e.value != 0;
  });
  if (o.variant == "remembering")
    events = events.key_by(&event::key).process<event>(remember{}).uid("remembering");
  const auto by_key = events.key_by(&event::key);
  if (o.variant == "reordered")
    tally(by_key, o);
  const auto totals = by_key.window(sliding(3s, 1s))
                        .allowed_lateness(disorder)
                        .aggregate_then<window_sums, window_total>(
                          number_firings{}, key, window_start, window_end, count, sum(&event::value), min(&event::number),
                          max(&event::number))
                        .uid("counting")
                        .named(o.variant == "renamed" ? "sums of each key" : "counting");
  totals.sink(crashing_kafka_sink<window_total>{"totals", o.totals});
  if (!o.slow_sink.empty())
    totals.sink(slow_rows<window_total>{std::stod(o.slow_sink)});
  if (o.variant != "reordered")
    tally(by_key, o);
  for (auto& stage : all.plan().stages)
    if (stage.kind == stage_kind::source || stage.kind == stage_kind::keyed)
      put_crashing_step(stage, stage.kind == stage_kind::source ? "source" : "shard");
  return all;
}

/// Runs with crash points in its storage, and without what else a program has.
int run_with_points(const job& what, const launch& start) {
  metrics registry;
  auto options = run_options_from(start.config);
  options.bounded = start.line.bounded;
  const fold_policy eager{.share_of_base = 0, .least_bytes = 4'096};
  options.checkpoints.storage =
    std::make_shared<crashing_storage>(std::make_unique<stored_checkpoints>(options.checkpoints.directory, "", eager));
  running_job running{what.plan(), options, start.config, registry};
  spdlog::info("job '{}' is running", what.plan().job);
  const auto result = running.wait();
  if (result.failed)
    spdlog::error("job '{}' failed: {}", what.plan().job, result.reason);
  return result.failed ? exit_failed : exit_done;
}

} // namespace

int main(int argc, char** argv) {
  command_line_parser parser{"crashing-job", "Windows, timers and two exactly-once sinks, until it crashes."};
  job_options names;
  crash_wish wish;
  std::string after = "1", delay = "0";
  bool on_nfs = false;
  parser.option("--job", "NAME", "Name of the job", names.name);
  parser.option("--input", "TOPIC", "Topic to read", names.input);
  parser.option("--totals", "TOPIC", "Topic for the windows", names.totals);
  parser.option("--tallies", "TOPIC", "Topic for the tallies", names.tallies);
  parser.option("--pace", "COUNT", "Records of a partition each 10 ms; 0: as they come", names.pace);
  parser.option("--crash-at", "POINT", "Where it ends by itself", wish.point);
  parser.option("--crash-after", "COUNT", "At which passing of the point", after);
  parser.option("--crash-delay", "MICROSECONDS", "How long after the point, for storing", delay);
  parser.flag("--freeze", "Stop there with SIGSTOP instead", wish.freezes);
  parser.option("--poison", "NUMBER", "The event that makes the job throw", names.poison);
  parser.option("--variant", "NAME", "Another program: wider, narrower, reordered, renamed or remembering", names.variant);
  parser.option("--slow-sink", "RATE", "One more sink: records a second that it takes; 0: as they come", names.slow_sink);
  parser.flag("--on-nfs", "Every folder lies on NFS", on_nfs);
  const auto start = start_up(parser, {}, argc, argv);
  if (start.exit)
    return *start.exit;
  wish.after = std::stoi(after);
  wish.delay = std::chrono::microseconds{std::stol(delay)};
  wish_crash(wish);
  pretend_system(on_nfs);
  if (wish.is_in_storage())
    return exit_code_of([&] { return run_with_points(described(names), start); });
  auto what = described(names);
  return run(what, start);
}
