#include <leat/connectors/local.hpp>
#include <leat/testing.hpp>
#include <leat/tests/pipeline/records.hpp>
#include <leat/tests/support/bounded_run.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace leat;
using namespace leat::testing;

namespace {

using texts = std::vector<std::string>;

const side_output<std::string> small{"small"};

/// Names what comes; small orders go aside.
struct name_both {
  void process_first(const order& o, process_context& c, collector<std::string>& out) {
    if (o.cents < 10)
      c.emit(small, o.id);
    else
      out.push("order " + o.id);
  }
  void process_second(const payment& p, process_context& c, collector<std::string>& out) {
    out.push("payment of " + p.order + " at " + std::to_string(to_millis(c.time())));
  }
};

/// Says which of a step's actors has seen a number.
class note_actor {
public:
  std::pair<std::int64_t, const void*> operator()(std::int64_t n) const { return {n, self_.get()}; }
  note_actor() = default;
  note_actor(const note_actor&) : note_actor{} {} // each actor has a copy

private:
  std::shared_ptr<int> self_ = std::make_shared<int>();
};

/// A job over both streams; `with_small` when its function has that side output.
template <class Describe>
job both(Describe describe, bool with_small = true) {
  job j{"both"};
  const auto said = describe(j.source(input<order>("orders")), j.source(input<payment>("payments")));
  said.sink(output<std::string>("said"));
  if (with_small)
    said.side_output(small).sink(output<std::string>("small"));
  return j;
}

} // namespace

TEST_CASE("two streams without keys go through one function, side outputs included") {
  test_run run{
    both([](auto orders, auto payments) { return orders.connect(payments).template process<std::string>(name_both{}); })};
  run.input<order>("orders").push({"a", 100}, from_millis(1));
  run.input<payment>("payments").push({"a"}, from_millis(2));
  run.input<order>("orders").push({"b", 1}, from_millis(3));
  CHECK(run.output<std::string>("said").take() == texts{"order a", "payment of a at 2"});
  CHECK(run.output<std::string>("small").take() == texts{"b"});
}

TEST_CASE("two streams without keys are mapped to one") {
  test_run run{both(
    [](auto orders, auto payments) {
      return orders.connect(payments).map(&order::id, [](const payment& p) { return "paid " + p.order; });
    },
    false)};
  run.input<order>("orders").push({"a", 100}, from_millis(1));
  run.input<payment>("payments").push({"a"}, from_millis(2));
  CHECK(run.output<std::string>("said").take() == texts{"a", "paid a"});
}

TEST_CASE("a watermark behind two streams is the lesser of theirs") {
  test_run run{
    both([](auto orders, auto payments) { return orders.connect(payments).template process<std::string>(name_both{}); })};
  run.input<order>("orders").watermark(from_millis(100));
  CHECK(run.output<std::string>("said").watermark() == min_timestamp);
  run.input<payment>("payments").watermark(from_millis(50));
  CHECK(run.output<std::string>("said").watermark() == from_millis(50));
}

TEST_CASE("records go to the actor that a partitioner of one's own says") {
  bounded_run r{3};
  std::vector<std::int64_t> numbers(3'000);
  std::iota(numbers.begin(), numbers.end(), 0);
  const auto seen = r.collect(
    r.source<std::int64_t>({numbers}, [](std::int64_t) { return timestamp{}; })
      .partition_custom([](std::int64_t n, std::size_t actors) { return static_cast<std::size_t>(n % 10) % actors; })
      .map(note_actor{}));
  r.run();
  std::map<const void*, std::set<std::int64_t>> digits;
  for (const auto& [n, actor] : seen->all())
    digits[actor].insert(n % 10);
  std::set<std::set<std::int64_t>> found;
  for (const auto& d : digits)
    found.insert(d.second);
  CHECK(found == std::set<std::set<std::int64_t>>{{0, 3, 6, 9}, {1, 4, 7}, {2, 5, 8}});
  CHECK(seen->all().size() == 3'000);
}

TEST_CASE("a partitioner that names an actor that there is not ends the job and says which there are") {
  bounded_run r{2};
  r.collect(r.source<std::int64_t>({{1}}, [](std::int64_t) { return timestamp{}; })
              .partition_custom([](std::int64_t, std::size_t actors) { return actors; })
              .map([](std::int64_t n) { return n; })
              .named("behind"));
  const settings none;
  run_options options;
  options.parallelism = 2;
  options.bounded = true;
  running_job running{r.description().plan(), options, none, r.registry};
  CHECK_THAT(
    running.wait().reason,
    Catch::Contains("behind") && Catch::Contains("partition_custom") && Catch::Contains("actor 2 of 2"));
}

TEST_CASE("consoles that nobody has named have names of their own") {
  job j{"j"};
  const auto orders = j.source(collection<order>({{"a", 1}}));
  orders.sink(to_console<order>());
  orders.filter([](const order& o) { return o.cents > 5; }).sink(to_console<order>());
  CHECK_NOTHROW(validate(j.plan()));
  CHECK(j.plan().stages[1].name == "console");
  CHECK(j.plan().stages[2].name == "console-2");
}

TEST_CASE("what goes through one actor has one in each step and sink that follows it") {
  const auto parallelism_behind = [](auto describe) {
    job j{"j"};
    describe(j.source(collection<order>({{"a", 1}})));
    return j.plan().stages.at(1).parallelism;
  };
  CHECK(parallelism_behind([](auto s) { s.all().map(&order::id); }) == 1);
  CHECK(parallelism_behind([](auto s) { s.all().sink(to_console<order>()); }) == 1);
  CHECK(parallelism_behind([](auto s) {
          s.all().count_window(2).reduce([](const order& o, const order&) { return o; });
        }) == 1);
  CHECK(parallelism_behind([](auto s) { s.all().map(&order::id).with_parallelism(2); }) == 2);
  CHECK(parallelism_behind([](auto s) { s.key_by(&order::id).sink(to_console<order>()); }) == 0); // the job's
}

TEST_CASE("a record may be pushed as the list of its members") {
  job j{"j"};
  j.source(input<payment>("payments"))
    .flat_map<order>([](const payment& p, collector<order>& out) {
      out.push({p.order, 1});
      out.push_at({p.order, 2}, from_millis(9));
    })
    .sink(output<order>("orders"));
  test_run run{j};
  run.input<payment>("payments").push({"a"}, from_millis(1));
  const auto rows = run.output<order>("orders").take_timed();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].record.cents == 1);
  CHECK(rows[1].time == from_millis(9));
}

TEST_CASE("a source says after which silence it is idle, before or after its event times") {
  job j{"j"};
  const auto read_at = [](const order&) { return timestamp{}; };
  const auto orders = collection<order>({{"a", 1}});
  j.source(orders.idle_after(5s).event_time(read_at)).named("soon").sink(to_console<order>());
  j.source(orders.event_time(read_at)).sink(to_console<order>());
  CHECK(j.plan().stages[0].idle_timeout == duration{5s});
  CHECK_FALSE(j.plan().stages[2].idle_timeout);
  j.source(orders.idle_after(0s)).named("never").sink(to_console<order>());
  CHECK_THROWS_WITH(validate(j.plan()), Catch::Contains("idle_after takes a span above 0 ms"));
}
