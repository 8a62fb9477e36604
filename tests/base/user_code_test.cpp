#include <leat/base/user_code.hpp>

#include <catch2/catch.hpp>

#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

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

TEST_CASE("exceptions that are nested in one another are a stack of causes, the outermost first") {
  const auto fails = [] {
    try {
      try {
        throw std::out_of_range{"no rate for\nXYZ"};
      } catch (...) {
        std::throw_with_nested(std::runtime_error{"cannot convert"});
      }
    } catch (...) {
      std::throw_with_nested(std::invalid_argument{"order 7"});
    }
  };
  try {
    fails();
  } catch (...) {
    CHECK(
      stack_of(std::current_exception()) == std::vector<std::string>{"order 7", "cannot convert", "no rate for\\x0aXYZ"});
  }
  CHECK_THROWS_WITH(
    run_user_code("totals", "", fails),
    "step 'totals' failed: order 7; because of: cannot convert; because of: no rate for\\x0aXYZ");
}

namespace {

/// Throws `depth` exceptions around one.
void throw_nested(std::size_t depth) {
  try {
    if (depth == 0)
      throw 7;
    throw_nested(depth - 1);
  } catch (...) {
    std::throw_with_nested(std::runtime_error{std::to_string(depth)});
  }
}

} // namespace

TEST_CASE("a stack of causes ends with what is no std::exception, and is bounded") {
  try {
    throw_nested(0);
  } catch (...) {
    CHECK(
      stack_of(std::current_exception()) == std::vector<std::string>{"0", "it threw something that is no std::exception"});
  }
  try {
    throw_nested(100);
  } catch (...) {
    CHECK(stack_of(std::current_exception()).size() == most_causes + 1);
  }
}
