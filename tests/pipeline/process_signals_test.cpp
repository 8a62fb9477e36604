#include <leat/pipeline/process_signals.hpp>

#include <catch2/catch.hpp>

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

} // namespace

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
