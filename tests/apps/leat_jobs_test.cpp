// What real steps keep, as `leat` shows it: the types come with the state, from what the steps themselves say.

#include <leat/connectors/local.hpp>
#include <leat/testing.hpp>
#include <leat/tests/apps/leat_fixture.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace leat;
using namespace leat::testing;

namespace {

enum class kind { view, buy };
BOOST_DESCRIBE_ENUM(kind, view, buy)

struct click {
  std::string user;
  kind what = kind::view;
  std::optional<double> price;
  timestamp at;
};
BOOST_DESCRIBE_STRUCT(click, (), (user, what, price, at))

struct row {
  std::string user;
  std::int64_t clicks = 0;
};
BOOST_DESCRIBE_STRUCT(row, (), (user, clicks))

/// Keeps a state of each kind, and a timer.
struct remember {
  value_state<click> last;
  list_state<timestamp> times;
  map_state<kind, std::uint64_t> counts{expire_after(1h)};

  void open(state_registry& r) {
    r.add("last", last);
    r.add("times", times);
    r.add("counts", counts);
  }
  void process(const click& c, keyed_context<std::string>& context, collector<row>&) {
    last.set(c);
    times.add(c.at);
    ++counts.edit(c.what);
    context.set_timer(c.at + 10min);
  }
  void on_timer(timestamp, keyed_context<std::string>&, collector<row>&) {}
};

job clicks() {
  job made{"clicks"};
  auto users = made.source(collection<click>({}).event_time(&click::at)).named("clicks").key_by(&click::user);
  users.window(tumbling(1min)).aggregate<row>(key, count).named("per minute").sink(to_console<row>()).named("minutes");
  users.window(session(5min)).aggregate<row>(key, count).named("visits").sink(to_console<row>()).named("visited");
  users.process<row>(remember{}).named("remember").sink(to_console<row>()).named("nothing");
  return made;
}

/// Puts what a job keeps into the next checkpoint.
void put_all(leat_fixture& to, const job_snapshot& s) {
  for (const auto& [place, state] : s.printed)
    to.describe(
      place.first, place.second, state.key ? type_text(*state.key) : "", state.value ? type_text(*state.value) : "");
  for (const auto& [step, entries] : s.steps)
    for (const auto& e : entries)
      to.put(step, e);
}

} // namespace

TEST_CASE_METHOD(leat_fixture, "what windows, states of all kinds and timers keep is exported by its types") {
  test_run run{clicks()};
  auto in = run.input<click>("clicks");
  in.push({"ada", kind::view, std::nullopt, from_millis(5'000)});
  in.push({"ada", kind::buy, 2.5, from_millis(65'000)});
  in.watermark(from_millis(30'000));
  put_all(*this, run.snapshot());
  checkpoint();
  CHECK(
    output({"state", "export", directory()}) ==
    R"({"step":"per minute","state":"leat.slices","key":{"slice":"1970-01-01T00:00:00.000Z","key":"ada"},"value":[null,1]}
{"step":"per minute","state":"leat.slices","key":{"slice":"1970-01-01T00:01:00.000Z","key":"ada"},"value":[null,1]}
{"step":"per minute","state":"leat.watermark","key":{"watermark":"1970-01-01T00:00:30.000Z","first_group":0,"end_group":128}}
{"step":"remember","state":"counts","key":"ada","value":{"view":{"value":1,"until":"1970-01-01T01:00:00.000Z"},"buy":{"value":1,"until":"1970-01-01T01:00:00.000Z"}}}
{"step":"remember","state":"last","key":"ada","value":{"user":"ada","what":"buy","price":2.5,"at":"1970-01-01T00:01:05.000Z"}}
{"step":"remember","state":"leat.timers","key":{"time":"1970-01-01T00:10:05.000Z","key":"ada"},"value":0}
{"step":"remember","state":"leat.timers","key":{"time":"1970-01-01T00:11:05.000Z","key":"ada"},"value":1}
{"step":"remember","state":"leat.watermark","key":{"watermark":"1970-01-01T00:00:30.000Z","first_group":0,"end_group":128}}
{"step":"remember","state":"times","key":"ada","value":["1970-01-01T00:00:05.000Z","1970-01-01T00:01:05.000Z"]}
{"step":"visits","state":"leat.hold","key":"1970-01-01T00:06:04.999Z"}
{"step":"visits","state":"leat.timers","key":{"time":"1970-01-01T00:05:04.999Z","key":"ada"},"value":0}
{"step":"visits","state":"leat.watermark","key":{"watermark":"1970-01-01T00:00:30.000Z","first_group":0,"end_group":128}}
{"step":"visits","state":"leat.windows","key":"ada","value":[{"window":{"start":"1970-01-01T00:00:05.000Z","end":"1970-01-01T00:06:05.000Z"},"contents":{"value":[null,2],"any":true},"trigger":null,"timers":[["1970-01-01T00:06:04.999Z",false]],"armed":["1970-01-01T00:05:04.999Z","+inf"]}]}
)");
  CHECK(
    output({"state", "get", directory(), "remember", "times", "ada"}) ==
    "[\"1970-01-01T00:00:05.000Z\",\"1970-01-01T00:01:05.000Z\"]\n");
  CHECK(
    leat({"state", "get", directory(), "visits", "leat.windows", "ada", "--window-at", "1970-01-01T00:06:05Z"}).exit == 3);
  CHECK(
    leat({"state", "get", directory(), "visits", "leat.windows", "ada", "--window-at", "1970-01-01T00:06:04.999Z"}).exit ==
    0);
}
