#include <leat/connectors/kafka/client_log.hpp>
#include <leat/tests/support/captured_log.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using leat::testing::captured_log;

TEST_CASE("the last problem is kept for whoever has to explain a silence") {
  client_log log{"test"};
  CHECK(log.last_problem().empty());
  log.line(3, "FAIL", "connection refused");
  log.line(6, "INFO", "something else");
  CHECK(log.last_problem() == "connection refused");
}

TEST_CASE("brokers are said to be connected again after the log had it that one was lost, once") {
  const captured_log captured;
  client_log log{"test"};
  log.connected();
  CHECK(captured.count("") == 0);
  log.line(3, "FAIL", "connection refused");
  log.connected();
  log.connected();
  CHECK(captured.count("all brokers are connected again") == 1);
  log.line(3, "FAIL", "connection refused"); // within quiet_time: not in the log
  log.connected();
  CHECK(captured.count("all brokers are connected again") == 1);
}

TEST_CASE("a problem that waiting does not solve is known as such until another comes") {
  client_log log{"test"};
  log.problem("_AUTHENTICATION", "wrong password", true);
  CHECK(log.hopeless());
  log.problem("_ALL_BROKERS_DOWN", "1/1 brokers are down", false);
  CHECK_FALSE(log.hopeless());
}
