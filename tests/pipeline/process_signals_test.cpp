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

/// What becomes of a process that gets SIGTERM and, so much later by its clock, SIGINT: its exit code, or how often it was asked
/// to stop.
int after_two_signals(process_signals::clock::duration between) {
  return testing::in_child([between] {
    std::atomic<int> stops{0};
    std::promise<void> asked, reported;
    std::atomic<process_signals::clock::time_point> now{};
    const process_signals signals{
      [&] {
        if (++stops == 1)
          asked.set_value();
      },
      [&] { reported.set_value(); }, [&] { return now.load(); }};
    ::kill(::getpid(), SIGTERM);
    asked.get_future().wait();
    now = now.load() + between;
    ::kill(::getpid(), SIGINT);
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

TEST_CASE("a signal that an earlier thread receives asks for a stop, and does not kill the program") {
  early_thread early;
  std::promise<void> asked;
  process_signals signals{[&] { asked.set_value(); }};
  early.receive(SIGTERM);
  asked.get_future().wait();
  CHECK(signals.received());
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
