#include <leat/pipeline/console.hpp>
#include <leat/tests/support/terminal.hpp>
#include <leat/tests/tsan/run_threads.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace leat;
using leat::testing::run_threads;
using leat::testing::test_terminal;

TEST_CASE("results, log lines and progress are written at the same time, and every result stays whole") {
  constexpr int results = 200;
  const test_terminal screen;
  console on{screen.fd(), screen.fd()};
  std::string shown;
  run_threads(4, [&](std::size_t thread) {
    if (thread == 0)
      shown = screen.shown_until([](const std::string& all) { return all.find("all\r\n") != std::string::npos; });
    for (int i = 0; i < results; ++i)
      if (thread == 1)
        (void)on.print(i == results - 1 ? "that was all\n" : "a result\n");
      else if (thread == 2)
        on.log("a message\n") ? void() : void(on.last_error());
      else if (thread == 3)
        i % 10 == 0 ? on.clear_status() : on.set_status("status " + std::to_string(i));
  });
  int whole = 0;
  for (std::size_t at = shown.find("a result\r\n"); at != std::string::npos; at = shown.find("a result\r\n", at + 1))
    ++whole;
  CHECK(whole == results - 1);
}
