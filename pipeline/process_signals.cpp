#include <leat/pipeline/process_signals.hpp>

#include <leat/pipeline/command_line.hpp>

#include <ctime>
#include <unistd.h>
#include <utility>

namespace leat {

namespace {

/// How often threads that do not block the signals have received one, and nobody has looked yet.
std::atomic<int> stops_elsewhere{0};
std::atomic<int> reports_elsewhere{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may use nothing else");

extern "C" void note_elsewhere(int signal) { ++(signal == SIGUSR1 ? reports_elsewhere : stops_elsewhere); }

sigset_t watched(bool reports) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (reports)
    sigaddset(&set, SIGUSR1);
  return set;
}

} // namespace

process_signals::process_signals(
  std::function<void()> on_stop, std::function<void()> on_report, std::function<clock::time_point()> now)
  : on_stop_{std::move(on_stop)}, on_report_{std::move(on_report)}, now_{std::move(now)} {
  stops_elsewhere = reports_elsewhere = 0;
  struct sigaction noted {};
  noted.sa_handler = note_elsewhere;
  noted.sa_flags = SA_RESTART;
  const auto set = watched(static_cast<bool>(on_report_));
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  for (const auto signal : {SIGINT, SIGTERM, SIGUSR1})
    if (sigismember(&set, signal) == 1)
      sigaction(signal, &noted, &before_[signal]);
  thread_ = std::thread{[this] { watch(); }};
}

process_signals::~process_signals() {
  done_.store(true, std::memory_order_release);
  thread_.join();
  for (const auto& [signal, action] : before_)
    sigaction(signal, &action, nullptr);
  const auto set = watched(static_cast<bool>(on_report_));
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void process_signals::watch() {
  const auto set = watched(static_cast<bool>(on_report_));
  const timespec patience{0, 50'000'000};
  while (!done_.load(std::memory_order_acquire)) {
    if (const auto signal = sigtimedwait(&set, nullptr, &patience); signal > 0)
      obey(signal);
    for (auto n = reports_elsewhere.exchange(0); n > 0; --n)
      obey(SIGUSR1);
    for (auto n = stops_elsewhere.exchange(0); n > 0; --n)
      obey(SIGTERM);
  }
}

void process_signals::obey(int signal) {
  if (signal == SIGUSR1)
    return on_report_();
  if (!first_stop_) {
    on_stop_();
    first_stop_ = now_(); // behind it: what came while it took its time is the same request
    received_.store(true, std::memory_order_release);
  } else if (now_() - *first_stop_ >= one_request) {
    _exit(exit_interrupted);
  }
}

} // namespace leat
