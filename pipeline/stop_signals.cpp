#include <leat/pipeline/stop_signals.hpp>

#include <leat/pipeline/command_line.hpp>

#include <csignal>
#include <ctime>
#include <unistd.h>
#include <utility>

namespace leat {

namespace {

sigset_t stop_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

} // namespace

stop_signals::stop_signals(std::function<void()> on_stop) : on_stop_{std::move(on_stop)} {
  const auto set = stop_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread{[this] { watch(); }};
}

stop_signals::~stop_signals() {
  done_.store(true, std::memory_order_release);
  thread_.join();
  const auto set = stop_set();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void stop_signals::watch() {
  const auto set = stop_set();
  const timespec patience{0, 50'000'000};
  while (!done_.load(std::memory_order_acquire)) {
    if (sigtimedwait(&set, nullptr, &patience) < 0)
      continue;
    if (received_.exchange(true, std::memory_order_acq_rel))
      _exit(exit_interrupted);
    on_stop_();
  }
}

} // namespace leat
