#pragma once

#include "crash_feed.hpp"

#include "../support/job_process.hpp"
#include "../support/temporary_folder.hpp"

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace leat::testing {

/// Events in a topic, with what has to come of them. Shared by runs that only read it.
struct crash_input {
  explicit crash_input(std::uint64_t seed);
  crash_input(std::vector<crash_event> all, std::string in);

  const std::vector<crash_event> events;
  const std::string topic;
  const crash_expectation expected;

  /// The one of this seed, made when first asked for, from one thread.
  static const crash_input& of(std::uint64_t seed);
};

/// Reads what is committed to a topic while it is written, on a thread of its own.
class growing_topic {
public:
  explicit growing_topic(std::string topic);
  ~growing_topic();

  growing_topic(const growing_topic&) = delete;
  growing_topic& operator=(const growing_topic&) = delete;

  /// How many records it has read so far.
  [[nodiscard]] std::size_t count() const;

  /// All it has read, once that is everything that the topic holds now. What a job has committed last can be read a little later.
  [[nodiscard]] partition_records finish();

private:
  void run();

  const std::string topic_;
  mutable std::mutex m_;
  partition_records read_;          // guarded by m_
  std::vector<std::int64_t> until_; // likewise; empty: not known yet
  std::exception_ptr failure_;      // read once the thread has ended
  std::atomic<bool> stop_ = false;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

/// Two output topics, a state directory, and the runs of `crashing-job` between an input and these. Runs of several objects may be
/// under way at a time, each in a thread that lives until its programs have ended.
class crash_run {
public:
  explicit crash_run(const crash_input& input);

  /// Starts the program.
  /// @param directory of its state; empty: the object's own.
  std::unique_ptr<job_process>
  start(unsigned parallelism, const std::vector<std::string>& more = {}, const std::string& directory = {});

  /// Runs it until it has ended by itself at this point.
  /// @returns its log.
  /// @throws std::runtime_error when it never gets there, or the state that it leaves is damaged.
  std::string crash(unsigned parallelism, const std::vector<std::string>& where);

  /// Runs it until it has stopped itself at this point.
  std::unique_ptr<job_process> freeze(unsigned parallelism, const std::vector<std::string>& where);

  /// Lets it run to the end, which must be a good one.
  void finish(unsigned parallelism, const std::vector<std::string>& more = {}, const std::string& directory = {});

  /// What is wrong with the output, as read from the beginning and as read meanwhile; empty: nothing. Once.
  [[nodiscard]] std::string wrong();

  [[nodiscard]] std::string directory() const { return folder_.path("state"); }

  /// One for a job that goes on elsewhere.
  [[nodiscard]] std::string another_directory() const { return folder_.path("elsewhere"); }

  /// The number of the last checkpoint that is stored; 0: there is none yet. The program may run.
  [[nodiscard]] std::uint64_t last_checkpoint() const;

  /// Waits until a program that runs has stored so many more.
  void wait_for_checkpoints(std::uint64_t more) const;

  /// Waits until the readers of both output topics have read so many more.
  void wait_for_output(std::size_t more) const;

  /// How many records the readers of both output topics have read so far.
  [[nodiscard]] std::size_t output() const;

  std::string servers; ///< that programs connect to

  /// Waits until the broker has ended all transactions in the output topics.
  void wait_until_broker_ends_all() const;

  /// Copies the state directory, as it lies there while its program is stopped. @returns where to.
  [[nodiscard]] std::string copy_of_state() const;

  /// Bytes of what is in the state directory.
  [[nodiscard]] std::uintmax_t state_size() const;

private:
  /// Opens the state as a restart would, and reads all of it.
  void look_at_state() const;

  const crash_input& input_;
  const std::string name_, totals_, tallies_;
  const temporary_folder folder_;
  std::unique_ptr<growing_topic> totals_meanwhile_, tallies_meanwhile_;
};

/// Calls `body` with 0 to `count` - 1, several at a time.
/// @returns what each has returned, or thrown.
std::vector<std::string> several_at_a_time(std::size_t count, const std::function<std::string(std::size_t)>& body);

} // namespace leat::testing
