#include <leat/pipeline/console.hpp>

#include <leat/tests/support/terminal.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <future>
#include <string>

using namespace leat;
using leat::testing::test_pipe;
using leat::testing::test_terminal;

TEST_CASE("a line above a drawn one clears it first and draws it again") {
  const test_terminal screen;
  console on{screen.fd(), screen.fd()};
  REQUIRE(on.interactive());
  CHECK(on.width() == 100);
  on.set_status("50%");
  CHECK(screen.shown_until("50%") == "\r\x1b[K50%");
  CHECK(on.log("hello\n"));
  CHECK(screen.shown_until("50%") == "\r\x1b[Khello\r\n50%");
  CHECK(on.print("result\n"));
  CHECK(screen.shown_until("50%") == "\r\x1b[Kresult\r\n\r\x1b[K50%");
  on.clear_status();
  CHECK(screen.shown_until("\x1b[K") == "\r\x1b[K");
  CHECK(on.log("bye\n"));
  CHECK(screen.shown_until("\n") == "bye\r\n");
}

TEST_CASE("a terminal that cannot redraw, or is none, is not drawn on") {
  const test_terminal screen;
  ::setenv("TERM", "dumb", 1);
  CHECK_FALSE(console{screen.fd(), screen.fd()}.interactive());
  ::setenv("TERM", "xterm", 1);
  const test_pipe pipe;
  CHECK_FALSE(console{screen.fd(), pipe.in()}.interactive());
  CHECK(console{-1, pipe.in()}.width() == 80);
}

TEST_CASE("results that nobody takes do not hold up the log") {
  const test_terminal screen;
  console on{screen.fd(), screen.fd()};
  on.set_status("50%");
  std::string much(100'000, 'x');
  much.back() = '\n';
  auto printed = std::async(std::launch::async, [&] { return on.print(much); });
  (void)screen.shown_until("x"); // the printer is at it; from here on nobody takes anything
  auto lost = std::async(std::launch::async, [&] {
    while (on.log("no room for this\n")) {
    }
  });
  CHECK(lost.wait_for(30s) == std::future_status::ready);
  CHECK(printed.wait_for(0s) == std::future_status::timeout);
  (void)screen.shown_until([&](const std::string& all) {
    return all.find("xxx\r\n") != std::string::npos && printed.wait_for(0s) == std::future_status::ready;
  });
  CHECK(printed.get());
}

TEST_CASE("results that go to a file do not disturb the drawn line") {
  const test_terminal screen;
  const test_pipe results;
  console on{results.in(), screen.fd()};
  on.set_status("50%");
  (void)screen.shown_until("50%");
  CHECK(on.print("result\n"));
  CHECK(results.drain() == "result\n");
  on.clear_status();
  CHECK(screen.shown_until("\x1b[K") == "\r\x1b[K");
}
