#include "crash_run.hpp"

#include "pipes.hpp"

#include "../support/wait_until.hpp"

#include <leat/base/error.hpp>
#include <leat/persistence/checkpoint_store.hpp>
#include <leat/persistence/checkpoint_view.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace leat::testing {

namespace {

const std::string program = LEAT_CRASHING_JOB;
constexpr int killed = 128 + SIGKILL;
constexpr std::chrono::seconds patience{40};
constexpr std::size_t at_a_time = 4;
constexpr std::size_t longest_complaint = 1500;
const std::string pace = "8"; // at which the input lasts two seconds

/// A program that is started inherits, for a moment, the lock of a state that is looked at.
std::mutex starting;

partition_records read_all(const std::string& topic) {
  partition_records all;
  for (auto& r : read_topic(brokers(), topic))
    all[r.partition].push_back(r.payload.value());
  return all;
}

/// The ends of a topic's partitions, what is not committed included.
std::vector<std::int64_t> ends_of(const std::string& topic) {
  return kafka_admin{brokers(), {{"isolation.level", "read_uncommitted"}}}.end_offsets(topic);
}

std::string new_topic(const std::string& hint) {
  auto topic = fresh_topic(hint);
  kafka_admin{brokers()}.create_topic({topic, 2, -1, {}});
  return topic;
}

} // namespace

crash_input::crash_input(std::uint64_t seed)
  : events{make_crash_events(seed, 6000)}, topic{feed_topic(events)}, expected{events} {}

crash_input::crash_input(std::vector<crash_event> all, std::string in)
  : events{std::move(all)}, topic{std::move(in)}, expected{events} {}

const crash_input& crash_input::of(std::uint64_t seed) {
  static std::map<std::uint64_t, crash_input> all;
  return all.try_emplace(seed, seed).first->second;
}

growing_topic::growing_topic(std::string topic) : topic_{std::move(topic)}, thread_{[this] { run(); }} {}

growing_topic::~growing_topic() {
  stop_ = true;
  if (thread_.joinable())
    thread_.join();
}

void growing_topic::run() {
  try {
    kafka_topic_reader reader{plain_properties(brokers(), {{"check.crcs", "true"}}), topic_};
    while (!stop_) {
      auto record = reader.next(duration{50});
      const std::lock_guard lock{m_};
      if (record)
        read_[record->partition].push_back(record->payload.value());
      else if (!until_.empty() && reader.has_read(until_))
        stop_ = true;
    }
    done_ = true;
  } catch (...) {
    failure_ = std::current_exception();
    done_ = true;
  }
}

std::size_t growing_topic::count() const {
  const std::lock_guard lock{m_};
  std::size_t all = 0;
  for (const auto& [partition, records] : read_)
    all += records.size();
  return all;
}

partition_records growing_topic::finish() {
  {
    const std::lock_guard lock{m_};
    until_ = ends_of(topic_);
  }
  wait_until("the end of topic " + topic_ + ", which no transaction that is left open hides", patience, [&] {
    return done_.load();
  });
  thread_.join();
  if (failure_)
    std::rethrow_exception(failure_);
  return read_;
}

crash_run::crash_run(const crash_input& input)
  : servers{brokers()}, input_{input}, name_{fresh_topic("crashing")}, totals_{new_topic("totals")}, tallies_{new_topic(
                                                                                                       "tallies")},
    totals_meanwhile_{std::make_unique<growing_topic>(totals_)}, tallies_meanwhile_{
                                                                   std::make_unique<growing_topic>(tallies_)} {}

std::unique_ptr<job_process>
crash_run::start(unsigned parallelism, const std::vector<std::string>& more, const std::string& directory_or_own) {
  std::vector<std::string> arguments{
    "--brokers",
    servers,
    "--job",
    name_,
    "--input",
    input_.topic,
    "--totals",
    totals_,
    "--tallies",
    tallies_,
    "--parallelism",
    std::to_string(parallelism),
    "--set",
    "progress=never",
    "--set",
    "time.idle-timeout=10min",
    "--set",
    "checkpoints.interval=50ms",
    "--set",
    "checkpoints.alignment-timeout=none", // overtaken records may change places at another parallelism (decision 0010)
    "--set",
    "checkpoints.directory=" + (directory_or_own.empty() ? directory() : directory_or_own)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const std::lock_guard lock{starting};
  return std::make_unique<job_process>(program, arguments);
}

std::string crash_run::crash(unsigned parallelism, const std::vector<std::string>& where) {
  auto arguments = where;
  arguments.insert(arguments.end(), {"--pace", pace});
  const auto job = start(parallelism, arguments);
  if (const auto code = job->wait_exit(patience); code != killed)
    throw std::runtime_error{"the crash point was not reached, exit code " + std::to_string(code) + ":\n" + job->log()};
  look_at_state();
  return job->log();
}

std::unique_ptr<job_process> crash_run::freeze(unsigned parallelism, const std::vector<std::string>& where) {
  auto arguments = where;
  arguments.insert(arguments.end(), {"--pace", pace, "--freeze"});
  auto job = start(parallelism, arguments);
  wait_until(
    "the program to stop itself", patience, [&] { return job->stopped(); }, std::chrono::milliseconds{5},
    [&] { return job->log(); });
  return job;
}

void crash_run::finish(unsigned parallelism, const std::vector<std::string>& more, const std::string& directory_or_own) {
  auto arguments = more;
  arguments.emplace_back("--bounded");
  const auto job = start(parallelism, arguments, directory_or_own);
  if (const auto code = job->wait_exit(); code != 0)
    throw std::runtime_error{"exit code " + std::to_string(code) + ":\n" + job->log()};
}

void crash_run::look_at_state() const {
  const std::lock_guard lock{starting};
  if (!std::filesystem::exists(directory()))
    return;
  const checkpoint_store store{directory()};
  store.restore([](const stored_entry&) {});
}

std::string crash_run::wrong() {
  const auto totals = totals_meanwhile_->finish(), tallies = tallies_meanwhile_->finish();
  auto text = input_.expected.wrong_totals(totals) + input_.expected.wrong_tallies(tallies);
  if (totals != read_all(totals_) || tallies != read_all(tallies_))
    text += "who reads from the beginning reads something else\n";
  return text.substr(0, longest_complaint);
}

void crash_run::wait_until_broker_ends_all() const {
  const kafka_admin committed{brokers()};
  wait_until("the broker to end what is open", patience, [&] {
    return committed.end_offsets(totals_) == ends_of(totals_) && committed.end_offsets(tallies_) == ends_of(tallies_);
  });
}

std::uint64_t crash_run::last_checkpoint() const {
  try {
    return checkpoint_view::open(directory()).manifest().checkpoint;
  } catch (const state_error&) {
    return 0;
  }
}

void crash_run::wait_for_checkpoints(std::uint64_t more) const {
  const auto until = last_checkpoint() + more;
  wait_until("checkpoint " + std::to_string(until), patience, [&] { return last_checkpoint() >= until; });
}

void crash_run::wait_for_output(std::size_t more) const {
  const auto until = output() + more;
  wait_until(std::to_string(more) + " more committed records", patience, [&] { return output() >= until; });
}

std::size_t crash_run::output() const { return totals_meanwhile_->count() + tallies_meanwhile_->count(); }

std::string crash_run::copy_of_state() const {
  auto copy = folder_.path("copied-state");
  std::filesystem::create_directory(copy);
  for (const auto& entry : std::filesystem::directory_iterator{directory()})
    if (entry.is_regular_file()) // not the socket of a job that runs
      std::filesystem::copy(entry.path(), copy);
  return copy;
}

std::uintmax_t crash_run::state_size() const {
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory()})
    if (entry.is_regular_file())
      bytes += entry.file_size();
  return bytes;
}

std::vector<std::string> several_at_a_time(std::size_t count, const std::function<std::string(std::size_t)>& body) {
  std::vector<std::string> results(count);
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < std::min(at_a_time, count); ++t)
    threads.emplace_back([&] {
      for (auto i = next++; i < count; i = next++)
        try {
          results[i] = body(i);
        } catch (const std::exception& e) {
          results[i] = e.what();
        }
    });
  threads.clear();
  return results;
}

} // namespace leat::testing
