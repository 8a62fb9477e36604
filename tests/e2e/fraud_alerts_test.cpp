#include "alerts.hpp"
#include "crash_loop.hpp"
#include "difference.hpp"
#include "pipes.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace leat::testing;

namespace {

constexpr alert_limits limits{
  .large_amount = 950,
  .rate = 14,
  .spending = 48'000,
  .country_change = 8'000,
  .small = 0.75,
  .large = 800,
  .small_then_large = 20'000};

/// fraud-alerts with these limits in its configuration file.
class fraud_run : public pipes {
public:
  fraud_run() : pipes{LEAT_FRAUD_ALERTS} {
    std::ofstream{config_} << "rules:\n  large-amount: {limit: 950}\n  rate: {limit: 14}\n  spending: {limit: 48000}\n"
                           << "  country-change: {window: 8s}\n"
                           << "  small-then-large: {small: 0.75, large: 800, window: 20s}\n"
                           << "topics: {input: " << input << ", output: " << output << "}\n";
    settings = {"--config", config_.string(), "--set", "progress=never", "--set", "time.idle-timeout=10min"};
  }
  ~fraud_run() { std::filesystem::remove(config_); }
  fraud_run(const fraud_run&) = delete;
  fraud_run& operator=(const fraud_run&) = delete;

  /// The alerts in the output topic, one a line, sorted.
  [[nodiscard]] std::vector<std::string> alerts() const {
    std::vector<std::string> all;
    for (const auto& record : leat::read_topic(brokers(), output)) {
      all.push_back(alert_line(record.payload.value()));
      CHECK(all.back().find(' ' + record.key.value() + ' ') != std::string::npos); // keyed by user
    }
    std::sort(all.begin(), all.end());
    return all;
  }

private:
  const std::filesystem::path config_ =
    std::filesystem::temp_directory_path() / ("leat-e2e-fraud-" + std::to_string(getpid()) + ".yaml");
};

/// About ten payments a minute and user: bursts, much spending and both kinds of pairs come about by themselves.
std::vector<payment> busy_users(std::int64_t disorder) {
  return make_payments({.seed = 81, .count = 20'000, .users = 60, .step = 100, .disorder = disorder, .abroad = 40});
}

std::size_t count_of(const std::string& rule, const std::vector<std::string>& alerts) {
  return static_cast<std::size_t>(
    std::count_if(alerts.begin(), alerts.end(), [&](const std::string& line) { return line.starts_with(rule + ' '); }));
}

} // namespace

TEST_CASE("fraud-alerts raises the alerts that plain loops find, in order and out of order, with 1, 2 and 7 shards") {
  const auto disorder = GENERATE(0, 4900);
  const auto payments = busy_users(disorder);
  const auto expected = expected_alerts(payments, limits);
  for (const char* rule : {"large-amount", "rate", "spending", "country-change", "small-then-large"})
    REQUIRE(count_of(rule, expected) > 20);
  for (const char* shards : {"1", "2", "7"}) {
    INFO(shards << " shards, " << disorder << " ms of disorder");
    fraud_run run;
    run.feed(payments);
    const auto counted = run.run_bounded({"--parallelism", shards});
    CHECK(difference(run.alerts(), expected) == "");
    CHECK(counted.late == 0);
    CHECK(counted.records_out == static_cast<std::int64_t>(expected.size()));
  }
}

TEST_CASE("payments that come after their windows raise alerts about single payments only, and are counted") {
  const auto payments = busy_users(4900);
  const auto late = make_payments({.seed = 82, .count = 1000, .users = 60, .step = 500});
  REQUIRE(late.back().time < payments.back().time - 20 * 60'000);
  fraud_run run;
  run.feed(payments);
  run.run_bounded();
  run.feed(late);
  const auto second = run.run_bounded();
  CHECK(difference(run.alerts(), expected_alerts(payments, limits, late)) == "");
  const auto of = [&](auto concerns) { return std::count_if(late.begin(), late.end(), concerns); };
  const auto spending = of([](const payment& p) { return p.amount > 0; });
  const auto card_tests =
    of([](const payment& p) { return (p.amount >= 0 && p.amount < limits.small) || p.amount > limits.large; });
  const auto all = static_cast<std::int64_t>(late.size());
  CHECK(second.late == all + spending + all + card_tests); // once for each rule about windows or pairs that it concerns
}

TEST_CASE("fraud-alerts is killed again and again: no alert is lost or wrong") {
  // Ten minutes, the longest window, are 1200 payments: short runs commit as well.
  const auto payments =
    make_payments({.seed = 83, .count = 60'000, .users = 12, .step = 500, .abroad = 40}, first_minute() - 8 * 3'600'000);
  fraud_run run;
  const auto last = crash_loop{run, 4, 6, 1500}.run(payments, 10'000);
  CHECK(difference(distinct(run.alerts()), expected_alerts(payments, limits)) == "");
  CHECK(last.records_in < static_cast<std::int64_t>(payments.size()));
}
