#include <leat/actors/credit_gate.hpp>

#include <leat/base/error.hpp>

#include <catch2/catch.hpp>

using namespace leat;

TEST_CASE("a sender may send what was granted and not one batch more") {
  credit_gate gate{2};
  CHECK(gate.try_spend());
  CHECK(gate.try_spend());
  CHECK_FALSE(gate.try_spend());
  CHECK(gate.in_flight() == 2);
}

TEST_CASE("a finished batch makes room for one more") {
  credit_gate gate{1};
  REQUIRE(gate.try_spend());
  gate.refund(1);
  CHECK(gate.in_flight() == 0);
  CHECK(gate.available() == 1);
  CHECK(gate.try_spend());
}

TEST_CASE("credit that was never spent cannot come back") {
  credit_gate gate{3};
  REQUIRE(gate.try_spend());
  CHECK_THROWS_WITH(gate.refund(2), "receiver gave back 2 batches of credit, only 1 of 3 were in flight");
  CHECK(gate.in_flight() == 1); // a refused refund changes nothing
}

TEST_CASE("a channel without credit is refused when it is made, not found stuck later") {
  CHECK_THROWS_AS(credit_gate{0}, protocol_error);
}
