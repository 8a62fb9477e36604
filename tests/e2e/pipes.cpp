#include "pipes.hpp"

#include "difference.hpp"

#include "../support/wait_until.hpp"

#include <leat/base/error.hpp>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <thread>

namespace leat::testing {

namespace {

std::string brokers_in_use; // empty: the shared one

} // namespace

const std::string windowed_totals = LEAT_WINDOWED_TOTALS;
const std::string sliding_totals = LEAT_SLIDING_TOTALS;

std::string brokers() { return brokers_in_use.empty() ? kafka_server::shared().brokers() : brokers_in_use; }

using_brokers::using_brokers(std::string brokers) { brokers_in_use = std::move(brokers); }

using_brokers::~using_brokers() { brokers_in_use.clear(); }

pipes::pipes(std::string program, int partitions, const std::map<std::string, std::string>& input_configs)
  : input{fresh_topic("in")}, output{fresh_topic("out")}, settings{"--input",  input,
                                                                   "--output", output,
                                                                   "--set",    "progress=never",
                                                                   "--set",    "time.idle-timeout=10min"},
    program_{std::move(program)}, admin_{std::make_unique<kafka_admin>(brokers())} {
  admin_->create_topic({input, partitions, -1, input_configs});
  admin_->create_topic({output, 2, -1, {}});
}

void pipes::feed(std::span<const payment> payments) {
  kafka_feeder feeder{brokers()};
  for (const auto& p : payments)
    feeder.send(input, std::nullopt, json_of(p), p.partition);
  feeder.flush();
}

std::unique_ptr<job_process> pipes::start(const std::vector<std::string>& more, const std::string& redirections) {
  std::vector<std::string> arguments{"--brokers", brokers()};
  arguments.insert(arguments.end(), settings.begin(), settings.end());
  arguments.insert(arguments.end(), more.begin(), more.end());
  return std::make_unique<job_process>(program_, arguments, redirections);
}

job_summary pipes::run_bounded(const std::vector<std::string>& more) {
  auto arguments = more;
  arguments.emplace_back("--bounded");
  const auto job = start(arguments);
  if (const auto code = job->wait_exit(); code != 0)
    throw std::runtime_error{"exit code " + std::to_string(code) + ":\n" + job->log()};
  return job->summary();
}

std::vector<total_row> pipes::rows() const {
  std::vector<total_row> all;
  for (const auto& record : read_topic(brokers(), output))
    all.push_back(parse_total(record.payload.value()));
  std::sort(all.begin(), all.end());
  return all;
}

std::int64_t pipes::row_count() const {
  const auto ends = admin_->end_offsets(output);
  return std::accumulate(ends.begin(), ends.end(), std::int64_t{0});
}

std::int64_t pipes::committed(const std::string& group) const {
  const auto offsets = admin_->committed_offsets(group, input);
  return std::accumulate(offsets.begin(), offsets.end(), std::int64_t{0});
}

void pipes::wait_for_rows(std::size_t count, std::chrono::milliseconds patience) const {
  wait_until(
    std::to_string(count) + " records in topic " + output, patience,
    [&] { return row_count() >= static_cast<std::int64_t>(count); }, std::chrono::milliseconds{50},
    [&] { return "it holds " + std::to_string(row_count()); });
}

void pipes::wait_for_rows(const std::vector<total_row>& wanted) const {
  wait_for_rows(wanted.size());
  const auto missing = [&] {
    const auto found = rows();
    std::vector<total_row> rest;
    std::set_difference(wanted.begin(), wanted.end(), found.begin(), found.end(), std::back_inserter(rest));
    return rest;
  };
  wait_until(
    "rows in topic " + output, std::chrono::seconds{30}, [&] { return missing().empty(); }, std::chrono::milliseconds{100},
    [&] { return difference({}, missing()); });
}

void let_last(std::chrono::seconds shortly, std::chrono::seconds at_length) {
  const auto* const asked = std::getenv("LONG_FAULTS");
  std::this_thread::sleep_for(asked && *asked == '1' ? at_length : shortly);
}

void restart_broker() {
  kafka_server::shared().start();
  kafka_admin admin{brokers()};
  const auto topic = fresh_topic("probe");
  wait_until("a broker that has started again", std::chrono::seconds{30}, [&] {
    try {
      admin.create_topic({topic, 1, -1, {}});
      return !admin.end_offsets(topic).empty();
    } catch (const error&) {
      return false;
    }
  });
}

std::vector<total_row> ending_by(std::int64_t time, const std::vector<total_row>& rows) {
  std::vector<total_row> found;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(found), [&](const total_row& r) { return r.end <= time; });
  return found;
}

std::string difference(const std::vector<total_row>& found, const std::vector<total_row>& expected) {
  return difference_by(found, expected, [](const total_row& r) { return described(r); });
}

} // namespace leat::testing
