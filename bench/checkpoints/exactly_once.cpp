#include <leat/bench/checkpoints/exactly_once.hpp>

#include <leat/actors/running_job.hpp>
#include <leat/apps/user_totals.hpp>
#include <leat/bench/checkpoints/scratch_folder.hpp>
#include <leat/bench/pings.hpp>
#include <leat/bench/transactions.hpp>
#include <leat/connectors/kafka.hpp>
#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>
#include <leat/tests/support/process.hpp>
#include <leat/tests/support/servers/kafka_server.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace leat::bench {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto warm_up = 8s; // the broker compiles itself meanwhile

std::int64_t record_count() {
  const auto* said = std::getenv("BENCH_RECORDS"); // a smaller run while working on something
  return said ? std::atoll(said) : 25'000'000;
}

// ---- throughput --------------------------------------------------------------------------------------------------------

/// Which guarantee the windowed job gives, and how often it takes checkpoints.
struct guarantee {
  const char* name;
  const char* interval; // null: at least once, without checkpoints
};
constexpr guarantee guarantees[] = {{"at least once", nullptr}, {"every 1s", "1s"}, {"every 100ms", "100ms"}};

/// Totals per user and minute of all transactions, in this process; how long that took, in seconds.
double
run_windowed(const std::string& brokers, const guarantee& how, const std::string& name, const scratch_folder& place) {
  using namespace user_totals;
  kafka_admin{brokers}.create_topic({name, transaction_partitions, 1, {}});
  std::vector<std::string> arguments{"--bounded", "--brokers",           brokers, "--log-level", "warn",
                                     "--set",     "kafka.start=earliest"};
  if (how.interval)
    for (const auto& setting :
         {"checkpoints.directory=" + place.path(name), std::string{"checkpoints.interval="} + how.interval}) {
      arguments.emplace_back("--set");
      arguments.push_back(setting);
    }
  const auto start = plan_launch(command_line_parser{"windowed", ""}, {}, arguments, {});
  job totals{name};
  const auto transactions =
    totals.source(kafka::source<transaction>("transactions", json).event_time(&transaction::timestamp, late_by(5s)));
  totals_of(paid(transactions), tumbling(1min))
    .sink(kafka::sink<user_total>(name, json).key(&user_total::user_id).exactly_once(how.interval != nullptr));
  auto options = run_options_from(start.config);
  options.bounded = true;
  metrics registry;
  const auto begin = std::chrono::steady_clock::now();
  running_job running{totals.plan(), options, start.config, registry};
  if (const auto result = running.wait(); result.failed)
    throw std::runtime_error{result.reason};
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace

void report_throughput(bench_report& report) {
  const scratch_folder place{"throughput"};
  const testing::kafka_server broker;
  const auto brokers = broker.brokers();
  const auto records = record_count();
  produce_transactions(brokers, "transactions", records);
  std::vector<double> seconds[std::size(guarantees)];
  constexpr int rounds = 6; // the first is not counted: the broker is cold
  for (int round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < std::size(guarantees); ++i) {
      const auto which = (i + static_cast<std::size_t>(round)) % std::size(guarantees);
      const auto took = run_windowed(brokers, guarantees[which], fmt::format("windowed-{}-{}", which, round), place);
      if (round != 0)
        seconds[which].push_back(took);
      fmt::print(stderr, "windowed job, {}: {:.2f} s\n", guarantees[which].name, took);
    }
  const auto speed = [&](std::size_t of) {
    std::sort(seconds[of].begin(), seconds[of].end());
    return static_cast<double>(records) / seconds[of][seconds[of].size() / 2];
  };
  report.add({"windowed Kafka job, at least once", speed(0), "records/s"});
  report.add({"exactly once, every 1s", speed(1), "records/s", "at least once", speed(1) / speed(0), ratio_at_least(0.9)});
  report.add(
    {"exactly once, every 100ms", speed(2), "records/s", "at least once", speed(2) / speed(0), ratio_at_least(0.8)});
}

// ---- a job in a process of its own --------------------------------------------------------------------------------------

namespace {

/// What is kept of a number: how often it came, and the filling of its last ping.
struct remembered {
  std::int64_t times = 0;
  std::string filling;
};
BOOST_DESCRIBE_STRUCT(remembered, (), (times, filling))

/// Passes pings on, and remembers each number.
class remember {
public:
  void open(state_registry& states) { states.add("remembered", state_); }
  void process(const ping& p, keyed_context<std::int64_t>&, collector<ping>& out) {
    auto& of_number = state_.edit();
    ++of_number.times;
    of_number.filling = p.filling;
    out.push(p);
  }

private:
  value_state<remembered> state_;
};

class ping_job {
public:
  ping_job(std::string brokers, std::string name, const scratch_folder& place)
    : brokers_{std::move(brokers)}, name_{std::move(name)} {
    kafka_admin admin{brokers_};
    admin.create_topic({name_, ping_partitions, 1, {}});
    admin.create_topic({output(), ping_partitions, 1, {}});
    state_ = place.path(name_);
    log_ = place.path(name_ + ".log");
  }

  void start(const std::string& interval, const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{"/proc/self/exe", "job",
                                     "--brokers",      brokers_,
                                     "--input",        name_,
                                     "--output",       output(),
                                     "--set",          "checkpoints.directory=" + state_,
                                     "--set",          "checkpoints.interval=" + interval,
                                     "--set",          "kafka.start=earliest"};
    command.front() = fs::canonical("/proc/self/exe").string();
    command.insert(command.end(), more.begin(), more.end());
    process_ = std::make_unique<testing::process>(command, log_);
  }
  void kill() {
    process_->signal(SIGKILL);
    process_->wait();
  }
  void stop() {
    process_->signal(SIGTERM);
    if (process_->wait() != 0)
      throw std::runtime_error{fmt::format("the job ended with an error; see {}", log_)};
  }

  [[nodiscard]] const std::string& input() const noexcept { return name_; }
  [[nodiscard]] std::string output() const { return name_ + "-out"; }
  [[nodiscard]] const std::string& state() const noexcept { return state_; }

private:
  const std::string brokers_, name_;
  std::string state_, log_;
  std::unique_ptr<testing::process> process_;
};

void measure_latency(
  bench_report& report, const std::string& brokers, const scratch_folder& place, const std::string& interval,
  int per_millisecond, goal aim) {
  ping_job pings{brokers, fmt::format("pings-{}-{}", interval, per_millisecond), place};
  pings.start(interval);
  stopwatch watch{brokers, pings.output()};
  const auto from = now_ns() + std::chrono::nanoseconds{warm_up}.count();
  send_pings(brokers, pings.input(), per_millisecond, warm_up + 10s, 100'000);
  std::this_thread::sleep_for(1s);
  const auto millis = millis_of(watch.finish(), from);
  pings.stop();
  const auto what = fmt::format("{},000 records/s, every {}: ", per_millisecond, interval);
  report.add({what + "p50", percentile(millis, 0.5), "ms"});
  report.add({what + "p99", percentile(millis, 0.99), "ms", "", {}, aim});
}

} // namespace

void report_latency(bench_report& report) {
  const scratch_folder place{"latency"};
  const testing::kafka_server broker;
  measure_latency(report, broker.brokers(), place, "100ms", 5, at_most(150));
  measure_latency(report, broker.brokers(), place, "100ms", 20, at_most(150));
  measure_latency(report, broker.brokers(), place, "25ms", 5, at_most(80));
}

void report_kill(bench_report& report) {
  const scratch_folder place{"kill"};
  const testing::kafka_server broker;
  const auto brokers = broker.brokers();
  constexpr auto time = warm_up + 12s;
  ping_job pings{brokers, "pings-killed", place};
  pings.start("100ms");
  stopwatch watch{brokers, pings.output()};
  const auto from = now_ns() + std::chrono::nanoseconds{warm_up}.count();
  std::thread killer{[&] {
    std::this_thread::sleep_for(warm_up + 3s);
    pings.kill();
  }};
  std::thread sender{[&] { send_pings(brokers, pings.input(), 5, time, 100'000); }};
  killer.join();
  pings.start("100ms"); // by this thread, with which it ends
  sender.join();
  std::this_thread::sleep_for(2s);
  const auto arrivals = watch.finish();
  pings.stop();
  if (const auto sent = 5 * std::chrono::milliseconds{time}.count(); static_cast<std::int64_t>(arrivals.size()) != sent)
    throw std::runtime_error{fmt::format("{} records came out of {}", arrivals.size(), sent)};
  const auto millis = millis_of(arrivals, from);
  report.add({"kill -9 and restart at 5,000 records/s: longest wait", millis.back() / 1e3, "s", "", {}, at_most(3)});
}

void report_large_restart(bench_report& report) {
  const scratch_folder place{"restart"};
  const testing::kafka_server broker;
  const auto brokers = broker.brokers();
  const auto keys = std::min(record_count(), std::int64_t{7'500'000});
  for (const auto& [what, more] :
       {std::pair{"", std::vector<std::string>{}}, {", 200 MB in memory", {"--set", "checkpoints.state-memory=200MB"}}}) {
    ping_job pings{brokers, fmt::format("pings-large{}", more.empty() ? "" : "-bounded"), place};
    {
      kafka_feeder feeder{brokers};
      const std::string filling(100, 'x');
      for (std::int64_t n = 0; n < keys; ++n)
        feeder.send(
          pings.input(), {}, fmt::format(R"({{"number":{},"sent_ns":0,"filling":"{}"}})", n, filling),
          static_cast<std::int32_t>(n % ping_partitions));
      feeder.flush();
    }
    pings.start("1s", more);
    stopwatch watch{brokers, pings.output()};
    std::int64_t killed = 0;
    std::thread sender;
    const kafka_admin admin{brokers};
    const auto out = [&] {
      std::int64_t all = 0;
      for (const auto end : admin.end_offsets(pings.output()))
        all += end;
      return all;
    };
    while (out() < keys)
      std::this_thread::sleep_for(100ms);
    sender = std::thread{[&] { send_pings(brokers, pings.input(), 1, 20s, keys); }};
    std::this_thread::sleep_for(5s);
    pings.kill();
    killed = now_ns();
    pings.start("100ms", more);
    sender.join();
    std::this_thread::sleep_for(2s);
    const auto arrivals = watch.finish();
    pings.stop();
    const auto first = std::ranges::find_if(arrivals, [&](const stopwatch::arrival& a) { return a.sent_ns > killed; });
    if (first == arrivals.end())
      throw std::runtime_error{"the job never came back"};
    const auto gigabytes = static_cast<double>(fs::file_size(pings.state() + "/checkpoints.mdb")) / 1e9;
    report.add({fmt::format("state in the file{}", what), gigabytes, "GB"});
    report.add(
      {fmt::format("kill -9 and restart with it{}: first new output", what),
       static_cast<double>(first->came_ns - killed) / 1e9,
       "s",
       "",
       {},
       at_most(5)});
  }
}

int run_job(int argc, char** argv) {
  command_line_parser parser{"bench-job", "Passes pings on, and remembers each number."};
  std::string input, output;
  parser.option("--input", "TOPIC", "Topic to read", input);
  parser.option("--output", "TOPIC", "Topic to write", output);
  return run(parser, {}, argc, argv, [&](const launch&) {
    job pings{input};
    pings.source(kafka::source<ping>(input, json))
      .key_by(&ping::number)
      .process<ping>(remember{})
      .sink(kafka::sink<ping>(output, json).exactly_once());
    return pings;
  });
}

} // namespace leat::bench
