#include <leat/actors/running_job.hpp>
#include <leat/connectors/local.hpp>
#include <leat/pipeline/job.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>

using namespace leat;

namespace {

struct reading {
  std::int64_t number = 0;
  double value = 0;
  leat::timestamp at{};
};
BOOST_DESCRIBE_STRUCT(reading, (), (number, value, at))

/// What a callback has been called with. Shared by a test and all copies of the callback.
struct heard {
  std::mutex m;
  std::vector<std::int64_t> numbers; // guarded by m

  auto callback_of() {
    return callback<reading>([this](const reading& r) {
      const std::lock_guard lock{m};
      numbers.push_back(r.number);
    });
  }
};

job_result result_of(const job& j, bool bounded = true) {
  metrics registry;
  const settings none;
  run_options options;
  options.bounded = bounded;
  running_job running{j.plan(), options, none, registry};
  return running.wait();
}

reading make_reading(std::int64_t i) { return {i, static_cast<double>(i) / 2, from_millis(i)}; }

/// A file that is gone after the test.
class temporary_file {
public:
  ~temporary_file() { std::fclose(file); }
  std::string text() {
    std::string all(static_cast<std::size_t>(std::ftell(file)), ' ');
    std::rewind(file);
    all.resize(std::fread(all.data(), 1, all.size(), file));
    return all;
  }

  std::FILE* const file = std::tmpfile();
};

} // namespace

TEST_CASE("a collection is read in its order, to its end, and each record reaches the callback") {
  std::vector<reading> all;
  for (std::int64_t i = 0; i < 3'000; ++i)
    all.push_back(make_reading(i));
  heard h;
  job j{"j"};
  j.source(collection(all)).sink(h.callback_of());
  CHECK(result_of(j, false).reason.empty()); // it ends by itself
  CHECK(h.numbers.size() == 3'000);
  CHECK(std::is_sorted(h.numbers.begin(), h.numbers.end()));
}

TEST_CASE("a collection in parts has a partition for each, with event times of the records") {
  heard h;
  job j{"j"};
  j.source(partitioned_collection<reading>({{make_reading(1), make_reading(2'000)}, {make_reading(2), make_reading(2'001)}})
             .event_time(&reading::at))
    .all()
    .window(tumbling(1s))
    .reduce([](const reading& a, const reading& b) { return a.number < b.number ? b : a; })
    .sink(h.callback_of());
  CHECK(result_of(j).reason.empty());
  CHECK(h.numbers == std::vector<std::int64_t>{2, 2'001});
}

TEST_CASE("a generator makes each record once, in all its partitions") {
  heard h;
  job j{"j"};
  j.source(generator(make_reading).count(2'500).partitions(3)).sink(h.callback_of());
  CHECK(result_of(j).reason.empty());
  std::sort(h.numbers.begin(), h.numbers.end());
  CHECK(h.numbers.size() == 2'500);
  CHECK(std::adjacent_find(h.numbers.begin(), h.numbers.end()) == h.numbers.end());
  CHECK(h.numbers.back() == 2'499);
}

TEST_CASE("a generator keeps to its rate") {
  heard h;
  job j{"j"};
  j.source(generator(make_reading).count(40).rate(200).partitions(2)).sink(h.callback_of());
  const auto begin = std::chrono::steady_clock::now();
  CHECK(result_of(j).reason.empty());
  CHECK(h.numbers.size() == 40);
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds{39 * 5}); // the last is due then, no sooner
}

TEST_CASE("a generator without end cannot be read to its end") {
  heard h;
  job j{"j"};
  j.source(generator(make_reading)).named("readings").sink(h.callback_of());
  CHECK_THROWS_WITH(result_of(j), Catch::Contains("source 'readings'") && Catch::Contains(".count(n)"));
}

TEST_CASE("a generator of fewer records than none is refused") {
  heard h;
  job j{"j"};
  j.source(generator(make_reading).count(-1)).named("readings").sink(h.callback_of());
  CHECK_THROWS_WITH(result_of(j), Catch::Contains("source 'readings'") && Catch::Contains("a count that is not negative"));
}

TEST_CASE("what a callback throws ends the job and names the sink") {
  job j{"j"};
  j.source(collection(std::vector<reading>{make_reading(1)}))
    .sink(callback<reading>([](const reading&) { throw std::runtime_error{"no room"}; }))
    .named("store");
  CHECK_THAT(result_of(j).reason, Catch::Contains("store") && Catch::Contains("no room"));
}

TEST_CASE("the console gets a line per record, and what has no form is counted") {
  temporary_file out;
  console_sink sink{json, schema_of<reading>(), out.file};
  metrics registry;
  connector_context context;
  context.step = "console";
  context.metrics = &registry;
  sink.open(context);
  const auto writer = sink.make_writer(0, 1, [] {});
  auto in = batch<reading>::fresh();
  for (const auto value : {0.5, std::nan(""), 2.0})
    in->push(reading{1, value, from_millis(7)}, from_millis(7));
  CHECK(writer->write(*in, 0) == 3);
  CHECK(writer->rejected() == 1);
  CHECK_THAT(registry.noted("first_refusal", "console"), Catch::Contains("field `value`"));
  const auto segment = writer->mark();
  CHECK(writer->delivered() == segment);
  CHECK(out.text() == "{\"number\":1,\"value\":0.5,\"at\":7}\n{\"number\":1,\"value\":2,\"at\":7}\n");
}

TEST_CASE("text goes to the console as it is, and other single values as JSON has them") {
  const auto printed = []<class T>(const std::vector<T>& values) {
    temporary_file out;
    console_sink sink{field_type_of<T>(), out.file};
    const auto writer = sink.make_writer(0, 1, [] {});
    auto in = batch<T>::fresh();
    for (const auto& v : values)
      in->push(v, {});
    CHECK(writer->write(*in, 0) == values.size());
    return out.text();
  };
  CHECK(printed(std::vector<std::string>{"a \"word\"", "", "\xff"}) == "a \"word\"\n\n\xff\n");
  CHECK(printed(std::vector{1.5, std::nan(""), -2.0}) == "1.5\n-2\n");
  CHECK(printed(std::vector<std::int64_t>{-7}) == "-7\n");
  CHECK(printed(std::vector<std::vector<std::string>>{{"a", "b"}}) == "[\"a\",\"b\"]\n");
}

TEST_CASE("a stream of text or numbers has a way to the console") {
  job j{"words"};
  const auto words = j.source(collection<std::string>({"a"}));
  words.sink(to_console<std::string>());
  words.map([](const std::string& w) { return std::ssize(w); }).sink(to_console<std::ptrdiff_t>());
  CHECK_NOTHROW(validate(j.plan()));
}

TEST_CASE("an alarm clock wakes in the order of times, and what is not due yet goes with it") {
  std::mutex m;
  std::vector<int> woken; // guarded by m
  std::atomic<bool> done{false};
  {
    alarm_clock alarms;
    const auto now = alarm_clock::clock::now();
    const auto note = [&](int n) {
      return [&, n] {
        const std::lock_guard lock{m};
        woken.push_back(n);
        done = n == 3;
      };
    };
    alarms.wake_at(now + std::chrono::hours{1}, note(4));
    alarms.wake_at(now + std::chrono::milliseconds{30}, note(3));
    alarms.wake_at(now + std::chrono::milliseconds{20}, note(2));
    alarms.wake_at(now, note(1));
    while (!done)
      std::this_thread::yield();
  }
  CHECK(woken == std::vector{1, 2, 3});
}

namespace {

/// Trusts marks in the stream: a record in the last millisecond of a second says that the second is over.
class marks final : public watermark_strategy {
public:
  void on_times(std::span<const timestamp> times) override {
    for (const auto t : times)
      if (to_millis(t) % 1'000 == 999)
        said_ = t;
  }
  [[nodiscard]] timestamp watermark() const override { return said_; }

private:
  timestamp said_ = min_timestamp;
};

} // namespace

TEST_CASE("watermarks come from a strategy of one's own, of which each partition has a copy") {
  heard h;
  job j{"j"};
  std::vector<reading> all;
  for (std::int64_t i = 998; i >= 0; --i)
    all.push_back(make_reading(i));
  all.push_back(make_reading(999));
  for (std::int64_t i = 1'998; i >= 1'000; --i) // most of them in another batch than the first, and much earlier
    all.push_back(make_reading(i));
  j.source(collection(all).event_time(&reading::at, watermarks_by(marks{})))
    .all()
    .window(tumbling(1s))
    .reduce([](const reading& x, const reading& y) {
      return reading{x.number + y.number, 0, x.at};
    })
    .sink(h.callback_of());
  CHECK(result_of(j).reason.empty());
  CHECK(h.numbers == std::vector<std::int64_t>{999 * 1'000 / 2, 999 * (1'000 + 1'998) / 2});
}

TEST_CASE("a negative out-of-orderness is refused") {
  job j{"j"};
  heard h;
  j.source(collection(std::vector<reading>{}).event_time(&reading::at, late_by(-1s))).sink(h.callback_of());
  CHECK_THROWS_WITH(validate(j.plan()), Catch::Contains("source 'collection': late_by takes a span that is not negative"));
}

TEST_CASE("monotonous watermarks take each record for the newest") {
  const auto watermarks = watermark_rule{monotonous}.make()();
  watermarks->on_times(std::vector{from_millis(10), from_millis(20)});
  CHECK(watermarks->watermark() == from_millis(19)); // more of the same millisecond may come
}

TEST_CASE("a source says whom it waits for, before or after its event times") {
  job j{"j"};
  heard h;
  const auto readings = collection(std::vector<reading>{});
  const auto before = readings.watermark_alignment("rooms", 10s).event_time(&reading::at, monotonous);
  const auto after = readings.event_time(&reading::at, monotonous).watermark_alignment("rooms", 1min);
  const auto first = j.source(before);
  const auto second = j.source(after).named("more");
  first.merge(second, j.source(readings).named("alone")).sink(h.callback_of());
  const auto& stages = j.plan().stages;
  REQUIRE(stages[0].alignment);
  CHECK(stages[0].alignment->group == "rooms");
  CHECK(stages[0].alignment->max_drift == 10s);
  CHECK(stages[1].alignment->max_drift == 1min);
  CHECK_FALSE(stages[2].alignment);
}

TEST_CASE("an alignment without a group, or with a negative drift, is refused") {
  const auto mistake_of = [](const std::string& group, duration drift) {
    return watermark_alignment{group, drift}.mistake();
  };
  CHECK(mistake_of("rooms", 0ms).empty());
  CHECK_THAT(mistake_of("", 1s), Catch::Contains("name of a group"));
  job j{"j"};
  heard h;
  j.source(collection(std::vector<reading>{}).watermark_alignment("rooms", -1s)).sink(h.callback_of());
  CHECK_THROWS_WITH(
    validate(j.plan()), Catch::Contains("source 'collection': watermark_alignment takes a span that is not negative"));
}
