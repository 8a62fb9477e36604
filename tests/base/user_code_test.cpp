#include <leat/base/user_code.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace leat;

TEST_CASE("a user's code gives back what it returns, references included") {
  int counted = 7;
  CHECK(&run_user_code("step", "key_by", [&]() -> int& { return counted; }) == &counted);
}

TEST_CASE("what a user's code throws names the step and the function") {
  const auto fails = [] { throw std::invalid_argument{"three is right out"}; };
  CHECK_THROWS_WITH(run_user_code("totals", "key_by", fails), "step 'totals' failed in key_by: three is right out");
  CHECK_THROWS_WITH(run_user_code("totals", "", fails), "step 'totals' failed: three is right out");
  CHECK_THROWS_AS(run_user_code("totals", "", fails), step_error);
}

TEST_CASE("a user's own leat::error is not said to be the step's") {
  const auto fails = [] { throw connector_error{"the table is gone"}; };
  CHECK_THROWS_WITH(run_user_code("totals", "key_by", fails), "the table is gone");
  CHECK_THROWS_AS(run_user_code("totals", "key_by", fails), connector_error);
}
