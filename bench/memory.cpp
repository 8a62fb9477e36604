// Bounded memory: the windowed Kafka job with a sink that takes 1,000 records/s, beside a topic with millions. Backpressure
// has to reach Kafka: the job's memory stays near that of the idle job, and no mailbox holds more than was granted.

#include <leat/bench/bench_report.hpp>
#include <leat/bench/transactions.hpp>

#include <leat/actors/running_job.hpp>
#include <leat/apps/user_totals.hpp>
#include <leat/connectors/kafka.hpp>
#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/tests/support/servers/kafka_server.hpp>

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace leat;
using namespace leat::user_totals;

constexpr std::int64_t records = 3'000'000;
constexpr int rows_per_second = 1'000;
constexpr auto watched = std::chrono::seconds{40};

/// How many rows may still be taken; refilled a hundred times a second.
class allowance {
public:
  allowance() : thread_{[this] { refill(); }} {}
  ~allowance() {
    done_ = true;
    thread_.join();
  }

  std::size_t spend(std::size_t wanted) {
    const std::lock_guard lock{m_};
    const auto granted = std::min(wanted, left_);
    left_ -= granted;
    return granted;
  }

  void add(waker wake) {
    const std::lock_guard lock{m_};
    wakers_.push_back(std::move(wake));
  }

private:
  void refill() {
    while (!done_) {
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
      const std::lock_guard lock{m_};
      left_ = rows_per_second / 100;
      for (const auto& wake : wakers_)
        wake();
    }
  }

  std::mutex m_;
  std::size_t left_ = 0;
  std::vector<waker> wakers_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

class slow_sink final : public sink {
public:
  void open(const connector_context&) override {}
  std::unique_ptr<sink_writer> make_writer(std::uint32_t, std::uint32_t, waker wake) override {
    allowance_.add(std::move(wake));
    return std::make_unique<writer>(allowance_);
  }

private:
  class writer final : public sink_writer {
  public:
    explicit writer(allowance& from) : allowance_{from} {}
    std::size_t write(const batch_base& in, std::size_t from) override { return allowance_.spend(in.size() - from); }
    std::uint64_t mark() override { return ++segment_; }
    std::uint64_t delivered() override { return segment_; }

  private:
    allowance& allowance_;
    std::uint64_t segment_ = 0;
  };

  allowance allowance_;
};

struct to_slow_sink {
  using record = user_total;
  [[nodiscard]] std::string name() const { return "slow"; }
  [[nodiscard]] std::shared_ptr<sink> make_sink() const { return std::make_shared<slow_sink>(); }
  [[nodiscard]] delivery guarantee() const { return delivery::at_least_once; }
};

/// A line of /proc/self/status in megabytes: "VmRSS:" is now, "VmHWM:" the peak.
double megabytes(const std::string& line) {
  std::ifstream status{"/proc/self/status"};
  std::string word;
  double kilobytes = 0;
  while (status >> word)
    if (word == line)
      status >> kilobytes;
  return kilobytes / 1024;
}

struct watched_run {
  double resident = 0;
  std::int64_t most_held = 0;
  std::int64_t granted_to_it = 0;
  std::int64_t records_in = 0;
  std::int64_t rows_out = 0;
};

watched_run run_job(const std::string& brokers, const std::string& topic, std::chrono::seconds time) {
  const std::string arguments[] = {"--brokers", brokers, "--log-level", "warn", "--set", "kafka.start=earliest"};
  const auto start = plan_launch(command_line_parser{"memory", ""}, {}, arguments, {});
  job totals{"memory"};
  const auto transactions =
    totals.source(kafka::source<transaction>(topic, json).event_time(&transaction::timestamp, late_by(5s)));
  totals_of(paid(transactions), tumbling(1min)).sink(to_slow_sink{});
  metrics registry;
  running_job running{totals.plan(), run_options_from(start.config), start.config, registry};
  std::this_thread::sleep_for(time);
  watched_run seen;
  seen.resident = megabytes("VmRSS:");
  seen.records_in = registry.sum("records_in");
  seen.rows_out = registry.sum("records_out");
  for (const auto& s : registry.samples()) {
    if (s.name != "mailbox_batches_peak")
      continue;
    const auto granted = registry.get("mailbox_credit_granted", s.step, s.instance).value();
    if (s.value > granted) {
      fmt::print(stderr, "{}[{}] held {} batches, {} were granted\n", s.step, s.instance, s.value, granted);
      std::exit(1);
    }
    if (s.value > seen.most_held) {
      seen.most_held = s.value;
      seen.granted_to_it = granted;
    }
  }
  return seen;
}

/// In a process of its own: what the producer allocates must not count.
void produce_aside(const std::string& brokers) {
  const auto child = fork();
  if (child == 0) {
    bench::produce_transactions(brokers, "transactions", records);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) {
    fmt::print(stderr, "producing failed\n");
    std::exit(1);
  }
}

} // namespace

int main(int argc, char** argv) {
  const auto json_out = bench::json_file(argc, argv);
  testing::kafka_server broker;
  produce_aside(broker.brokers());
  kafka_admin{broker.brokers()}.create_topic({"nothing", bench::transaction_partitions, 1, {}});
  const auto idle = run_job(broker.brokers(), "nothing", std::chrono::seconds{3});
  const auto busy = run_job(broker.brokers(), "transactions", watched);
  const auto peak = megabytes("VmHWM:");

  bench::bench_report report{"memory"};
  report.add({"idle job, resident", idle.resident, "MB"});
  report.add({"sink at 1,000 rows/s: peak", peak, "MB", "the idle job", peak / idle.resident});
  report.add({"above idle", peak - idle.resident, "MB", "", {}, bench::at_most(200)});
  report.add(
    {"fullest mailbox, batches", static_cast<double>(busy.most_held), "batches", "credit granted",
     static_cast<double>(busy.most_held) / static_cast<double>(busy.granted_to_it), bench::ratio_at_most(1)});
  report.add({"records read of 3 M", static_cast<double>(busy.records_in), "records"});
  report.add({"rows taken by the sink", static_cast<double>(busy.rows_out), "rows"});
  report.print();
  if (json_out)
    report.write_json(*json_out);
}
