#pragma once

#include <catch2/catch.hpp>

#include <chrono>
#include <concepts>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

namespace leat::testing {

/// A pipe whose both ends never block.
class test_pipe {
public:
  test_pipe() { REQUIRE(::pipe2(ends_, O_NONBLOCK) == 0); }
  ~test_pipe() {
    for (const int end : ends_)
      ::close(end);
  }
  test_pipe(const test_pipe&) = delete;
  test_pipe& operator=(const test_pipe&) = delete;

  [[nodiscard]] int in() const { return ends_[1]; }

  /// Makes writers wait when the pipe is full, as the pipes of a shell do.
  void block_writers() const { ::fcntl(ends_[1], F_SETFL, 0); }

  /// What was written since the last call.
  [[nodiscard]] std::string drain() const {
    std::string all;
    char some[4096];
    for (auto n = ::read(ends_[0], some, sizeof some); n > 0; n = ::read(ends_[0], some, sizeof some))
      all.append(some, static_cast<std::size_t>(n));
    return all;
  }

private:
  int ends_[2]{};
};

/// A terminal of 100 columns that the environment calls capable.
class test_terminal {
public:
  test_terminal() {
    winsize size{24, 100, 0, 0};
    REQUIRE(::openpty(&screen_, &program_, nullptr, nullptr, &size) == 0);
    ::fcntl(screen_, F_SETFL, O_NONBLOCK);
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
  }
  ~test_terminal() {
    ::close(screen_);
    ::close(program_);
  }
  test_terminal(const test_terminal&) = delete;
  test_terminal& operator=(const test_terminal&) = delete;

  /// The program's side.
  [[nodiscard]] int fd() const { return program_; }

  /// What comes out until it ends with `last`: the kernel hands it over when it likes. Fails when that takes very long.
  [[nodiscard]] std::string shown_until(std::string_view last) const {
    return shown_until([last](const std::string& all) { return !all.empty() && all.ends_with(last); });
  }

  /// What comes out until `enough(what has come)`.
  template <std::predicate<const std::string&> Enough>
  [[nodiscard]] std::string shown_until(Enough enough) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    std::string all;
    while (!enough(all)) {
      if (std::chrono::steady_clock::now() > deadline) {
        FAIL_CHECK("the terminal does not show in time what it should, but: " << all);
        return all;
      }
      pollfd ready{screen_, POLLIN, 0};
      ::poll(&ready, 1, 50);
      char some[4096];
      if (const auto n = ::read(screen_, some, sizeof some); n > 0)
        all.append(some, static_cast<std::size_t>(n));
    }
    return all;
  }

private:
  int screen_ = -1;
  int program_ = -1;
};

} // namespace leat::testing
