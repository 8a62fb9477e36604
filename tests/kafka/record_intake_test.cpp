#include "line_format.hpp"

#include <leat/connectors/record_intake.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

namespace {

constexpr auto now = from_millis(1'700'000'000'000);
constexpr time_bounds bounds{.max_past = std::chrono::hours{24}, .max_future = std::chrono::hours{1}};

/// Reads the event time from the text.
struct time_in_text : timestamp_assigner {
  void assign(batch_base& records, std::size_t from) const override {
    for (auto i = from; i < records.size(); ++i)
      records.timestamps()[i] = from_millis(std::stoll(batch<line>::of(records).records()[i].text));
  }
};

/// What becomes of some texts, read at offsets from 10 on.
struct intake_run {
  explicit intake_run(
    const std::vector<std::string>& texts, std::shared_ptr<const timestamp_assigner> times = nullptr,
    bool origins = false) {
    std::vector<raw_record> raw;
    for (const auto& text : texts)
      raw.push_back(
        {.key = raw.empty() ? std::optional<std::string_view>{"k"} : std::nullopt,
         .payload = text,
         .offset = static_cast<std::int64_t>(10 + raw.size()),
         .time = now + std::chrono::milliseconds{raw.size()}});
    record_intake{"step",           {"topic", 2}, line_format{}.make_decoder(schema_of<line>()), std::move(times), bounds,
                  {&future, &past}, origins}
      .take(raw, now, *out, *letters);
  }

  boost::intrusive_ptr<batch<line>> out = batch<line>::fresh();
  metric future, past;
  boost::intrusive_ptr<batch<dead_letter>> letters = batch<dead_letter>::fresh();
};

std::string at(std::chrono::milliseconds from_now) { return std::to_string(to_millis(now + from_now)); }

} // namespace

TEST_CASE("each record keeps its own time, also behind one that was rejected") {
  const intake_run run{{"a", "bad", "c"}};
  REQUIRE(run.out->size() == 2);
  CHECK(run.out->timestamps()[0] == now);
  CHECK(run.out->timestamps()[1] == now + std::chrono::milliseconds{2});
}

TEST_CASE("a dead letter names the record's own offset, also behind others") {
  const intake_run run{{"bad", "b", "bad too"}};
  REQUIRE(run.letters->size() == 2);
  CHECK(run.letters->records()[0].offset == 10);
  CHECK(run.letters->records()[1].offset == 12);
  CHECK(run.letters->records()[1].payload == "bad too");
}

TEST_CASE("event times are believed up to their bounds, both included") {
  const intake_run run{{at(-24h), at(1h), at(-24h - 1ms), at(1h + 1ms)}, std::make_shared<time_in_text>()};
  CHECK(run.out->size() == 2);
  REQUIRE(run.letters->size() == 2);
  CHECK(run.letters->records()[0].offset == 12);
  CHECK_THAT(run.letters->records()[1].reason, Contains("more than 1h in the future (time.max-future)"));
}

TEST_CASE("what a function for event times throws names the source and quotes the cause") {
  const auto times = std::make_shared<time_in_text>();
  CHECK_THROWS_WITH(intake_run({"not a number"}, times), "step 'step' failed in event_time: stoll");
}

TEST_CASE("records around an unbelievable one stay, in order") {
  const intake_run run{{at(1ms), "0", at(2ms)}, std::make_shared<time_in_text>()};
  REQUIRE(run.out->size() == 2);
  CHECK(run.out->records()[0].text == at(1ms));
  CHECK(run.out->records()[1].text == at(2ms));
  CHECK(run.out->timestamps()[1] == now + 2ms);
}

TEST_CASE("the reason guesses the unit that was meant") {
  const auto why = [](std::int64_t number) { return explain_event_time(from_millis(number), now, bounds); };
  CHECK_THAT(why(1'700'000'000), Contains("seconds instead of milliseconds?"));
  CHECK_THAT(why(1'700'000'000'000'000), Contains("microseconds instead of milliseconds?"));
  CHECK_THAT(why(1'700'000'000'000'000'000), Contains("nanoseconds instead of milliseconds?"));
  CHECK_THAT(why(5), !Contains("?"));
}

TEST_CASE("the ends of time neither pass nor overflow") {
  for (const auto t : {min_timestamp, max_timestamp})
    CHECK_THAT(explain_event_time(t, now, bounds), Contains("time.max-"));
  const intake_run run{{std::to_string(INT64_MIN), std::to_string(INT64_MAX)}, std::make_shared<time_in_text>()};
  CHECK(run.out->empty());
  CHECK(run.letters->size() == 2);
}

TEST_CASE("records too far in the future and in the past are counted, those that cannot be decoded are not") {
  const intake_run run{{at(2h), at(0h), at(-48h), at(3h), "bad"}, std::make_shared<time_in_text>()};
  CHECK(run.out->size() == 1);
  CHECK(run.letters->size() == 4);
  CHECK(run.future.value() == 2);
  CHECK(run.past.value() == 1);
}

TEST_CASE("when steps ask for it, each record knows what it was made of, also behind rejected ones") {
  const intake_run run{{at(1ms), "bad", at(9h), at(2ms)}, std::make_shared<time_in_text>(), true};
  REQUIRE(run.out->size() == 2);
  dead_letter first, last;
  run.out->origin(0).in->describe(run.out->origin(0).index, first);
  run.out->origin(1).in->describe(run.out->origin(1).index, last);
  CHECK(first.topic == "topic");
  CHECK(first.partition == 2);
  CHECK(first.offset == 10);
  CHECK(first.time == now);
  CHECK(first.key == "k");
  CHECK(first.payload == at(1ms));
  CHECK(last.offset == 13);
  CHECK(last.key == std::nullopt);
  CHECK(last.payload == at(2ms));

  CHECK(!intake_run{{at(1ms)}}.out->has_origins());
}
