#include <leat/connectors/lookups/circuit_breaker.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace std::chrono_literals;

namespace {

using state = circuit_breaker::state;

void note_all(circuit_breaker& breaker, const std::string& outcomes, circuit_breaker::clock::time_point now) {
  for (const char c : outcomes) {
    const auto call = breaker.allow(now);
    REQUIRE(call);
    breaker.note(*call, c == '+', now);
  }
}

} // namespace

TEST_CASE("a circuit breaker opens when the share of failures among the latest calls is reached, not before") {
  const circuit_breaker::clock::time_point now{};
  circuit_breaker breaker{{.calls = 4, .failures = 0.5, .open_for = 5s}};
  note_all(breaker, "---", now); // too few to say
  CHECK(breaker.current() == state::closed);
  circuit_breaker mixed{{.calls = 4, .failures = 0.5, .open_for = 5s}};
  note_all(mixed, "-++++-+", now);
  CHECK(mixed.current() == state::closed); // the first failure is out of sight
  note_all(mixed, "-", now);
  CHECK(mixed.current() == state::open);
  CHECK_FALSE(mixed.allow(now + 4'999ms));
}

TEST_CASE("an open circuit breaker lets one call try after its time, which closes it or opens it again") {
  circuit_breaker::clock::time_point now{};
  circuit_breaker breaker{{.calls = 2, .failures = 1, .open_for = 5s}};
  note_all(breaker, "--", now);
  REQUIRE(breaker.current() == state::open);
  now += 5s;
  const auto trial = breaker.allow(now);
  REQUIRE(trial);
  CHECK(breaker.current() == state::half_open);
  CHECK_FALSE(breaker.allow(now)); // one at a time
  CHECK(breaker.note(*trial, false, now));
  CHECK(breaker.current() == state::open);
  CHECK_FALSE(breaker.allow(now + 4s));
  now += 5s;
  note_all(breaker, "+", now);
  CHECK(breaker.current() == state::closed);
  note_all(breaker, "-", now); // what was before it opened is forgotten
  CHECK(breaker.current() == state::closed);
}

TEST_CASE("what was asked before a circuit breaker opened neither closes it nor stands for its trial") {
  circuit_breaker::clock::time_point now{};
  circuit_breaker breaker{{.calls = 2, .failures = 1, .open_for = 5s}};
  const auto slow = breaker.allow(now);
  REQUIRE(slow);
  note_all(breaker, "--", now);
  REQUIRE(breaker.current() == state::open);
  CHECK_FALSE(breaker.note(*slow, true, now));
  CHECK(breaker.current() == state::open);
  now += 5s;
  const auto trial = breaker.allow(now);
  REQUIRE(trial);
  CHECK_FALSE(breaker.note(*slow, false, now));
  CHECK(breaker.current() == state::half_open);
  CHECK(breaker.note(*trial, true, now));
  CHECK(breaker.current() == state::closed);
}

TEST_CASE("a circuit breaker that could never open or is always open is refused") {
  CHECK_THROWS(circuit_breaker{{.calls = 0}});
  CHECK_THROWS(circuit_breaker{{.failures = 0}});
  CHECK_THROWS(circuit_breaker{{.failures = 1.5}});
}
