#include <leat/testing.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <optional>
#include <set>
#include <sstream>

using namespace leat;
using namespace leat::testing;

namespace {

/// Counts per key, and keeps as well what an actor has in common with the others, the first watermark, and work that belongs
/// to nobody in particular: every tenth number.
class counting_step final : public step {
public:
  using step::step;

  void on_batch(batch_ptr in) override {
    const auto& numbers = batch<std::int64_t>::of(*in);
    auto out = batch<std::int64_t>::fresh();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const auto n = numbers.records()[i];
      auto& [count, hash] = counts_[n];
      hash = numbers.key_hashes()[i];
      out->push(n * 1'000 + ++count, numbers.timestamps()[i]);
      if (n % 10 == 0)
        work_.insert(n);
    }
    emit(std::move(out));
  }
  void on_signal(const leat::signal& s) override {
    if (s.kind == signal_kind::watermark && !first_watermark_)
      first_watermark_ = s.time;
    emit(s);
  }

  [[nodiscard]] std::vector<state_description> states() const override {
    return {
      {"counts", nullptr, &encoded_type_of<std::int64_t>(), &encoded_type_of<std::int64_t>()},
      {"work"},
      {"first watermark"}};
  }

  void save(state_writer& to) const override {
    for (const auto& [n, counted] : counts_)
      to.put({"counts", saved_key(n), saved_key(counted.first), state_owner::key, counted.second});
    for (const auto n : work_)
      to.put({"work", saved_key(n), {}, state_owner::anyone});
    if (first_watermark_)
      to.put({"first watermark", {}, saved_key(*first_watermark_), state_owner::all});
  }
  void load(const state_entry& e) override {
    REQUIRE(context().clock->now() != min_timestamp); // deadlines go on from the time of loading
    if (e.state == "counts")
      counts_[decoded<std::int64_t>(e.key)] = {decoded<std::int64_t>(e.value), e.hash};
    else if (e.state == "work")
      work_.insert(decoded<std::int64_t>(e.key));
    else if (e.state == "first watermark")
      first_watermark_ = decoded<timestamp>(e.value);
    else
      throw unknown_state(e);
  }

private:
  std::map<std::int64_t, std::pair<std::int64_t, std::uint64_t>> counts_; // and the hash
  std::set<std::int64_t> work_;
  std::optional<timestamp> first_watermark_;
};

/// Passes the last number on an hour after it has come.
class delaying_step final : public step {
public:
  using step::step;

  void on_batch(batch_ptr in) override {
    last_ = batch<std::int64_t>::of(*in).records().back();
    due_ = context().clock->now() + 1h;
  }
  [[nodiscard]] timestamp next_processing_time() const override { return due_; }
  void on_processing_time() override {
    due_ = max_timestamp;
    auto out = batch<std::int64_t>::fresh();
    out->push(last_, {});
    emit(std::move(out));
  }

  void save(state_writer& to) const override { to.put({"last", saved_key(due_), saved_key(last_), state_owner::anyone}); }
  void load(const state_entry& e) override {
    due_ = decoded<timestamp>(e.key);
    last_ = decoded<std::int64_t>(e.value);
  }

private:
  std::int64_t last_ = 0;
  timestamp due_ = max_timestamp;
};

/// Emits each number times 1,000 plus how often it has come.
template <class Step = counting_step>
job counts(const std::string& uid = "counting") {
  job j{"counts"};
  const auto itself = [](std::int64_t n) { return n; };
  j.source(input<std::int64_t>("numbers"))
    .key_by(itself)
    .reduce([](std::int64_t, std::int64_t n) { return n; })
    .named("count")
    .uid(uid)
    .sink(output<std::int64_t>("counted"));
  for (auto& stage : j.plan().stages)
    if (stage.name == "count")
      stage.steps.front().make = [](step_context c) { return std::make_unique<Step>(std::move(c)); };
  return j;
}

void push_numbers(test_run& run, std::int64_t count) {
  for (std::int64_t n = 0; n < count; ++n)
    run.input<std::int64_t>("numbers").push(n, {});
}

std::set<std::int64_t> counted(test_run& run) {
  const auto all = run.output<std::int64_t>("counted").take();
  return {all.begin(), all.end()};
}

} // namespace

TEST_CASE("another run goes on where a snapshot was taken, at any parallelism") {
  test_run run{counts(), {.parallelism = 2}};
  push_numbers(run, 100);
  run.input<std::int64_t>("numbers").watermark(from_millis(10));
  run.input<std::int64_t>("numbers").watermark(from_millis(20));
  run.advance(5s);
  const auto saved = run.snapshot();
  for (const auto parallelism : {1U, 2U, 3U, 7U}) {
    test_run again{counts(), saved, {.parallelism = parallelism}};
    CHECK(again.now() == from_millis(5'000));
    CHECK(again.snapshot() == saved);
    push_numbers(again, 100);
    const auto rows = counted(again);
    CHECK(rows.size() == 100);
    CHECK(std::all_of(rows.begin(), rows.end(), [](auto r) { return r % 1'000 == 2; }));
  }
}

TEST_CASE("a snapshot of keys that were divided otherwise is refused") {
  test_run run{counts(), {.max_parallelism = 64}};
  push_numbers(run, 3);
  CHECK_THROWS_WITH(
    (test_run{counts(), run.snapshot()}), Catch::Contains("taken with a max_parallelism of 64") &&
                                            Catch::Contains("runs with 128") &&
                                            Catch::Contains("set test_options::max_parallelism to 64"));
  CHECK((test_run{counts(), run.snapshot(), {.max_parallelism = 64}}.snapshot() == run.snapshot()));
}

TEST_CASE("a snapshot remembers how far the inputs had come") {
  test_run run{counts(), {.partitions = {{"numbers", 3}}}};
  run.input<std::int64_t>("numbers", 0).watermark(from_millis(10));
  run.input<std::int64_t>("numbers", 1).idle();
  run.input<std::int64_t>("numbers", 2).finish();
  CHECK(run.watermark("count") == from_millis(10));
  test_run again{counts(), run.snapshot()};
  CHECK(again.watermark("count") == from_millis(10));
  CHECK(again.snapshot() == run.snapshot());
  CHECK_THROWS_AS(again.input<std::int64_t>("numbers", 2).push(1, {}), pipeline_error);
}

TEST_CASE("what waits for processing time goes on waiting in another run") {
  const auto delayed = counts<delaying_step>();
  test_run run{delayed, {.start = from_millis(500)}};
  run.input<std::int64_t>("numbers").push(7, {});
  run.advance(59min);
  test_run again{delayed, run.snapshot()};
  again.advance(1min - 1ms);
  CHECK(counted(again).empty());
  again.advance(1ms);
  CHECK(counted(again) == std::set<std::int64_t>{7});
}

TEST_CASE("a change of state is a change of the snapshot") {
  test_run run{counts()};
  push_numbers(run, 1);
  const auto before = run.snapshot();
  CHECK(run.snapshot() == before);
  push_numbers(run, 1);
  CHECK_FALSE(run.snapshot() == before);
}

TEST_CASE("a snapshot is printed entry by entry") {
  test_run run{counts("kept")};
  run.input<std::int64_t>("numbers").push(30, {});
  run.input<std::int64_t>("numbers").watermark(from_millis(5));
  std::ostringstream text;
  text << run.snapshot();
  CHECK(
    text.str() == "snapshot taken at 1970-01-01T00:00:00.000Z\n"
                  "  source 'numbers' partition 0: watermark 1970-01-01T00:00:00.005Z\n"
                  "  'counted': watermark 1970-01-01T00:00:00.005Z\n"
                  "  'kept': watermark 1970-01-01T00:00:00.005Z\n"
                  "  step 'kept' counts[30] = 1\n"
                  "  step 'kept' first watermark = 0x0a\n"
                  "  step 'kept' work[0x3c]\n");
}

TEST_CASE("state of a step that is gone is an error that says how to give it to another") {
  test_run run{counts("counting")};
  push_numbers(run, 3);
  CHECK_THROWS_WITH(
    (test_run{counts("other"), run.snapshot()}),
    "the snapshot has 4 entries of state of step 'counting', which job 'counts' does not have; its steps: 'other'. Give "
    "the step that is to go on with the state .uid(\"counting\")");
}

TEST_CASE("a test looks into a state by names and key") {
  test_run run{counts(), {.parallelism = 3}};
  push_numbers(run, 5);
  push_numbers(run, 3);
  CHECK(run.state<std::int64_t>("count", "counts", std::int64_t{2}) == 2);
  CHECK(run.state<std::int64_t>("count", "counts", std::int64_t{4}) == 1);
  CHECK(run.state<std::int64_t>("count", "counts", std::int64_t{5}) == std::nullopt);
  CHECK_THROWS_WITH(
    run.state<std::int64_t>("count", "other", std::int64_t{2}),
    "step 'count' keeps no state 'other'; its states: 'counts', 'work', 'first watermark'");
  CHECK_THROWS_AS(run.state<std::string>("count", "counts", std::int64_t{4}), state_error);
  CHECK(run.state<std::int64_t>("counting", "counts", std::int64_t{4}) == 1); // by its uid
  CHECK_THROWS_AS(run.state<std::int64_t>("counted-elsewhere", "counts", std::int64_t{4}), pipeline_error);
  CHECK_THROWS_AS(run.metric("lat_records", "count"), pipeline_error);
}
