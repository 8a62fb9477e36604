#include <leat/connectors/kafka/client_log.hpp>

#include <catch2/catch.hpp>

using namespace leat;

TEST_CASE("the last problem is kept for whoever has to explain a silence") {
  client_log log{"test"};
  CHECK(log.last_problem().empty());
  log.line(3, "FAIL", "connection refused");
  log.line(6, "INFO", "something else");
  CHECK(log.last_problem() == "connection refused");
}

TEST_CASE("a problem that waiting does not solve is known as such until another comes") {
  client_log log{"test"};
  log.problem("_AUTHENTICATION", "wrong password", true);
  CHECK(log.hopeless());
  log.problem("_ALL_BROKERS_DOWN", "1/1 brokers are down", false);
  CHECK_FALSE(log.hopeless());
}
