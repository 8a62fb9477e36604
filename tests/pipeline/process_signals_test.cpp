#include <leat/pipeline/process_signals.hpp>

#include <leat/pipeline/command_line.hpp>
#include <leat/tests/support/in_child.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <future>
#include <thread>

using namespace leat;

namespace {

/// A thread that was there before anybody watched signals, as that of a client library may be. It waits for the test's end.
class early_thread {
public:
  early_thread() = default;
  early_thread(const early_thread&) = delete;
  early_thread& operator=(const early_thread&) = delete;
  ~early_thread() { over_.set_value(); }

  void receive(int signal) { pthread_kill(thread_.native_handle(), signal); }

private:
  std::promise<void> over_;
  std::jthread thread_{[over = over_.get_future()] { over.wait(); }};
};

void wait_for_stop(const process_signals& signals) {
  while (!signals.received())
    std::this_thread::yield();
}

/// What becomes of a process that gets SIGTERM and, so much later by its clock, SIGINT: its exit code, or how often it was asked
/// to stop.
/// @param while_stopping SIGINT comes during the call that asks to stop, which takes all of the time between.
int after_two_signals(process_signals::clock::duration between, bool while_stopping = false) {
  return testing::in_child([between, while_stopping] {
    std::atomic<int> stops{0};
    std::promise<void> reported;
    std::atomic<process_signals::clock::time_point> now{};
    const auto second = [&] {
      now = now.load() + between;
      ::kill(::getpid(), SIGINT);
    };
    const process_signals signals{
      [&] {
        if (++stops == 1 && while_stopping)
          second();
      },
      [&] { reported.set_value(); }, [&] { return now.load(); }};
    ::kill(::getpid(), SIGTERM);
    wait_for_stop(signals);
    if (!while_stopping)
      second();
    ::kill(::getpid(), SIGUSR1); // is looked at after it
    reported.get_future().wait();
    return stops.load();
  });
}

} // namespace

TEST_CASE("a signal that comes right after the first is the same request") {
  CHECK(after_two_signals(0ms) == 1);
  CHECK(after_two_signals(999ms) == 1);
}

TEST_CASE("a signal that comes a second after the first, or later, ends the program at once") {
  CHECK(after_two_signals(1s) == exit_interrupted);
}

TEST_CASE("a signal that comes while the stop is being asked for is the same request, however long that takes") {
  CHECK(after_two_signals(2s, true) == 1);
}

TEST_CASE("a signal that an earlier thread receives asks for a stop, and does not kill the program") {
  early_thread early;
  std::atomic<int> stops{0};
  process_signals signals{[&] { ++stops; }};
  early.receive(SIGTERM);
  wait_for_stop(signals);
  CHECK(stops == 1);
}

TEST_CASE("a report that an earlier thread is asked for is made, and nothing stops") {
  early_thread early;
  std::promise<void> asked;
  process_signals signals{[] {}, [&] { asked.set_value(); }};
  early.receive(SIGUSR1);
  asked.get_future().wait();
  CHECK_FALSE(signals.received());
}

TEST_CASE("what signals did before is restored") {
  struct sigaction before {};
  sigaction(SIGTERM, nullptr, &before);
  {
    process_signals signals{[] {}, [] {}};
  }
  struct sigaction after {};
  sigaction(SIGTERM, nullptr, &after);
  CHECK(after.sa_handler == before.sa_handler);
}
