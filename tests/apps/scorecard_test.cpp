#include <leat/apps/fraud_alerts/demo/scorecard.hpp>
#include <leat/tests/apps/event_times.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::fraud;
using namespace leat::testing;

namespace {

injected_fraud injected(const char* rule, const char* user, std::int64_t first, std::int64_t last) {
  return {rule, user, at(first), at(last), 3};
}

alert raised(const char* rule, const char* user, std::int64_t start, std::int64_t end) {
  return {rule, user, {}, at(start), at(end), 5, 4, ""};
}

} // namespace

TEST_CASE("a fraud is found by an alert of its rule whose window overlaps it") {
  scorecard scores{{injected("rate", "ann", 100, 140)}};
  CHECK_FALSE(scores.perfect());
  scores.add(raised("rate", "ann", 80, 101));
  CHECK(scores.perfect());
  CHECK(scores.by_rule()["rate"].found == 1);
}

TEST_CASE("a window that ends as the fraud begins, or begins after it, holds none of it") {
  scorecard scores{{injected("rate", "ann", 100, 140)}};
  scores.add(raised("rate", "ann", 40, 100));
  scores.add(raised("rate", "ann", 141, 200));
  CHECK(scores.by_rule()["rate"].found == 0);
  CHECK(scores.false_alerts() == 2);
}

TEST_CASE("several alerts for one fraud find it once") {
  scorecard scores{{injected("rate", "ann", 100, 140)}};
  scores.add(raised("rate", "ann", 90, 150));
  scores.add(raised("rate", "ann", 100, 160));
  CHECK(scores.by_rule()["rate"].found == 1);
  CHECK(scores.by_rule()["rate"].alerts == 2);
  CHECK(scores.perfect());
}

TEST_CASE("an alert of another rule finds nothing, and is not false either") {
  scorecard scores{{injected("rate", "ann", 100, 140)}};
  scores.add(raised("spending", "ann", 0, 600));
  CHECK(scores.by_rule()["rate"].found == 0);
  CHECK(scores.by_rule()["spending"].alerts == 1);
  CHECK(scores.false_alerts() == 0);
}

TEST_CASE("an alert for an honest user is false") {
  scorecard scores{{}};
  scores.add(raised("rate", "bob", 0, 60));
  CHECK(scores.false_alerts() == 1);
  CHECK_FALSE(scores.perfect());
}

TEST_CASE("an alert without window finds the fraud of its user") {
  scorecard scores{{injected("large-amount", "ann", 100, 100)}};
  scores.add({"large-amount", "ann", "t1", {}, {}, 5, 4, ""});
  CHECK(scores.perfect());
}

TEST_CASE("a fraud that was not fed need not be found") {
  scorecard scores{{injected("rate", "ann", 100, 140), injected("rate", "bob", 100, 140)}};
  scores.add(raised("rate", "ann", 90, 150));
  scores.excuse(1);
  CHECK(scores.by_rule()["rate"].injected == 1);
  CHECK(scores.perfect());
}
