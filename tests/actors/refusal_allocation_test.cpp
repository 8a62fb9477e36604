#include <leat/connectors/refusal_log.hpp>

#include <leat/tests/support/allocations.hpp>
#include <leat/tests/support/captured_log.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace leat;
using namespace leat::testing;

TEST_CASE("a record refused for a reason of a known kind costs no allocation") {
  const captured_log log;
  metrics registry;
  refusal_log refusals{"source", "events", &registry};
  const std::string reason = "field `number_of_something`: expected a number, found \"x\" at byte 17";
  const auto refuse = [&] { refusals.add(reason, true, {}); };
  CHECK((allocations_of(refuse) > 0) == counts_allocations); // the first of its kind
  CHECK(allocations_of(refuse) == 0);
}
