#include "job_process.hpp"

#include "wait_until.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <unistd.h>

namespace leat::testing {

namespace {

std::filesystem::path fresh_log() {
  static std::atomic<int> count = 0; // tests may start programs in several threads
  return std::filesystem::temp_directory_path() /
         ("leat-job-" + std::to_string(getpid()) + "-" + std::to_string(++count) + ".log");
}

std::vector<std::string>
command_of(const std::string& program, const std::vector<std::string>& arguments, const std::string& redirections) {
  std::vector<std::string> command;
  if (!redirections.empty())
    command = {"sh", "-c", "exec \"$0\" \"$@\" " + redirections};
  command.push_back(program);
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

} // namespace

job_process::job_process(
  const std::string& program, const std::vector<std::string>& arguments, const std::string& redirections)
  : program_{std::filesystem::path{program}.filename().string()}, log_{fresh_log()},
    child_{std::make_unique<process>(command_of(program, arguments, redirections), log_)} {}

job_process::~job_process() {
  child_.reset();
  std::filesystem::remove(log_);
}

void job_process::crash() {
  child_->signal(SIGKILL);
  child_->wait();
}

void job_process::wait_running() { wait_for_log("is running"); }

void job_process::wait_for_log(const std::string& text, std::chrono::milliseconds patience) {
  wait_until_or_ended("\"" + text + "\" in the log", patience, [&] { return log().find(text) != std::string::npos; });
}

void job_process::wait_until_blocked(int number) {
  wait_until_or_ended("signal " + std::to_string(number) + " to be blocked", std::chrono::seconds{10}, [&] {
    return (std::stoull("0" + status("SigBlk:"), nullptr, 16) >> (number - 1) & 1) != 0;
  });
}

int job_process::wait_exit(std::chrono::milliseconds patience) {
  wait_until(
    "the end of " + program_, patience, [this] { return !child_->running(); }, std::chrono::milliseconds{5},
    [this] { return described(); });
  return child_->wait();
}

void job_process::wait_until_or_ended(
  const std::string& what, std::chrono::milliseconds patience, const std::function<bool()>& done) {
  bool ended = false;
  wait_until(
    what, patience,
    [&] {
      ended = !child_->running();
      return done() || ended;
    },
    std::chrono::milliseconds{5}, [this] { return described(); });
  if (ended && !done())
    throw std::runtime_error{
      program_ + " ended with " + std::to_string(child_->wait()) + " before " + what + ":\n" + described()};
}

std::string job_process::log() const {
  std::ifstream in{log_};
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

std::size_t job_process::log_lines() const {
  const auto text = log();
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

job_summary job_process::summary() const {
  const auto text = log();
  const auto at = text.rfind("done: ");
  long long in = 0, out = 0, late = 0, dead = 0;
  if (
    at == std::string::npos ||
    std::sscanf(
      text.c_str() + at, "done: %lld records in, %lld out, %lld late, %lld dead letters", &in, &out, &late, &dead) != 4)
    throw std::runtime_error{"no summary in the log of " + described()};
  return {in, out, late, dead};
}

std::size_t job_process::peak_memory() const { return std::stoull("0" + status("VmHWM:")) * 1024; }

/// The value of a line of /proc/PID/status; empty when there is none.
std::string job_process::status(const std::string& field) const {
  std::ifstream in{"/proc/" + std::to_string(child_->pid()) + "/status"};
  for (std::string word; in >> word;)
    if (word == field && in >> word)
      return word;
  return {};
}

std::string job_process::described() const {
  const auto text = log();
  return program_ + ":\n" + text.substr(text.size() - std::min<std::size_t>(text.size(), 3000));
}

} // namespace leat::testing
