#pragma once

#include "process.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace leat::testing {

/// What a job counts in its last line of log.
struct job_summary {
  std::int64_t records_in = 0;
  std::int64_t records_out = 0;
  std::int64_t late = 0;
  std::int64_t dead_letters = 0;
};

/// A Leat program run as a child of the test, with what it says kept in a file. Every wait has a deadline; its error
/// says what was waited for and shows the end of the log.
///
/// Start it from the test's main thread: it is killed when the thread that started it ends.
class job_process {
public:
  /// @param redirections of a POSIX shell, such as ">&-"; none: standard output and error go to the log.
  job_process(const std::string& program, const std::vector<std::string>& arguments, const std::string& redirections = {});

  /// Kills it and removes its log.
  ~job_process();

  job_process(const job_process&) = delete;
  job_process& operator=(const job_process&) = delete;

  void signal(int number) const { child_->signal(number); }

  /// Kills it as a crash would.
  void crash();

  /// Waits until the log says that the job is running.
  void wait_running();

  void wait_for_log(const std::string& text, std::chrono::milliseconds patience = std::chrono::seconds{30});

  /// Waits until signal `number` cannot end it by default any more: its `main` has taken over.
  void wait_until_blocked(int number);

  /// Waits until it has ended.
  /// @returns its exit code, or 128 + the signal that ended it.
  int wait_exit(std::chrono::milliseconds patience = std::chrono::seconds{60});

  [[nodiscard]] bool running() { return child_->running(); }

  /// Whether SIGSTOP has stopped it.
  [[nodiscard]] bool stopped() const { return status("State:") == "T"; }

  [[nodiscard]] pid_t pid() const noexcept { return child_->pid(); }

  /// All it has said until now.
  [[nodiscard]] std::string log() const;
  [[nodiscard]] std::size_t log_lines() const;

  /// @throws std::runtime_error when the log has no last line yet.
  [[nodiscard]] job_summary summary() const;

  /// The most memory it ever had resident, in bytes; while it runs.
  [[nodiscard]] std::size_t peak_memory() const;

private:
  void wait_until_or_ended(const std::string& what, std::chrono::milliseconds patience, const std::function<bool()>& done);
  [[nodiscard]] std::string status(const std::string& field) const;
  [[nodiscard]] std::string described() const;

  const std::string program_;
  const std::filesystem::path log_;
  std::unique_ptr<process> child_;
};

} // namespace leat::testing
