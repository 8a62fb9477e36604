#include <leat/pipeline/process_signals.hpp>

#include <leat/pipeline/command_line.hpp>

#include <csignal>
#include <ctime>
#include <unistd.h>
#include <utility>

namespace leat {

namespace {

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

process_signals::process_signals(std::function<void()> on_stop, std::function<void()> on_report)
  : on_stop_{std::move(on_stop)}, on_report_{std::move(on_report)} {
  const auto set = watched(static_cast<bool>(on_report_));
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread{[this] { watch(); }};
}

process_signals::~process_signals() {
  done_.store(true, std::memory_order_release);
  thread_.join();
  const auto set = watched(static_cast<bool>(on_report_));
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void process_signals::watch() {
  const auto set = watched(static_cast<bool>(on_report_));
  const timespec patience{0, 50'000'000};
  while (!done_.load(std::memory_order_acquire)) {
    const auto signal = sigtimedwait(&set, nullptr, &patience);
    if (signal < 0)
      continue;
    if (signal == SIGUSR1) {
      on_report_();
      continue;
    }
    if (received_.exchange(true, std::memory_order_acq_rel))
      _exit(exit_interrupted);
    on_stop_();
  }
}

} // namespace leat
