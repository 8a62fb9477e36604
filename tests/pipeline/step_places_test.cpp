#include <leat/actors/recovery/state_adaptation.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/local.hpp>
#include <leat/leat.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using Catch::Contains;

namespace {

struct bought {
  std::string user;
  std::int64_t cents = 0;
};
BOOST_DESCRIBE_STRUCT(bought, (), (user, cents))

struct user_sum {
  std::string user;
  std::int64_t cents = 0;
};
BOOST_DESCRIBE_STRUCT(user_sum, (), (user, cents))

stream<user_sum> totals_of(const stream<bought>& of) {
  return of.key_by(&bought::user).window(tumbling(1min)).aggregate<user_sum>(key, sum(&bought::cents));
}

void write(const stream<user_sum>& what, const std::string& name) {
  what.sink(callback<user_sum>([](const user_sum&) {})).named(name);
}

/// The places of the windows of a job, by what identifies them.
std::map<std::string, std::string> places(const job& j) {
  std::map<std::string, std::string> all;
  const auto& plan = j.plan();
  for (std::size_t s = 0; s < plan.stages.size(); ++s)
    for (std::size_t k = 0; k < plan.stages[s].steps.size(); ++k)
      if (plan.stages[s].kind == stage_kind::keyed)
        all[uid_of(plan.stages[s].steps[k])] = place_of(plan, s, k);
  return all;
}

/// A checkpoint of a job, as far as places go.
checkpoint_manifest manifest_of(const job& j) {
  checkpoint_manifest made;
  made.checkpoint = 3;
  for (const auto& [uid, place] : places(j)) {
    stored_step step{uid, uid, 2, {}};
    step.place = place;
    made.steps.push_back(step);
  }
  return made;
}

job before() {
  job j{"shop"};
  write(totals_of(j.source(collection<bought>({{"a", 1}}))), "out");
  return j;
}

} // namespace

TEST_CASE("a step that nobody has named has a place between the others, one with a uid or a name has none") {
  CHECK(places(before()) == std::map<std::string, std::string>{{"window-1", "collection, [window], out"}});
  job named{"shop"};
  const auto in = named.source(collection<bought>({{"a", 1}}));
  write(totals_of(in).uid("totals"), "first");
  write(totals_of(in).named("sums"), "second");
  CHECK(places(named) == std::map<std::string, std::string>{{"totals", ""}, {"sums", ""}});
}

TEST_CASE("a step that is put in before others does not take their state") {
  job after{"shop"};
  const auto in = after.source(collection<bought>({{"a", 1}}));
  write(totals_of(in.filter([](const bought& b) { return b.cents > 100; })), "big");
  write(totals_of(in), "out");
  CHECK(
    places(after) == std::map<std::string, std::string>{
                       {"window-1", "collection, filter, [window], big"}, {"window-2", "collection, [window], out"}});
  CHECK_THROWS_WITH(
    check_places(manifest_of(before()), after.plan()),
    Contains("'window-1' was \"collection, [window], out\", is \"collection, filter, [window], big\"") &&
      Contains(".uid(\"window-1\")"));
}

TEST_CASE("a step keeps its place when something is added elsewhere, and goes on anywhere when it is told by its uid") {
  job elsewhere{"shop"};
  const auto in = elsewhere.source(collection<bought>({{"a", 1}}));
  write(totals_of(in), "out");
  write(totals_of(in), "more");
  in.filter([](const bought&) { return true; }).sink(callback<bought>([](const bought&) {})).named("all");
  CHECK_NOTHROW(check_places(manifest_of(before()), elsewhere.plan()));
  job told{"shop"};
  const auto from = told.source(collection<bought>({{"a", 1}}));
  write(totals_of(from.filter([](const bought&) { return true; })).uid("big"), "big");
  write(totals_of(from).uid("window-1"), "out");
  CHECK_NOTHROW(check_places(manifest_of(before()), told.plan()));
}
