#include <leat/pipeline/progress/progress.hpp>

#include <leat/pipeline/console.hpp>
#include <leat/pipeline/progress/progress_display.hpp>
#include <leat/tests/support/terminal.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <thread>

using namespace leat;

namespace {

progress_snapshot busy() {
  progress_snapshot s;
  s.elapsed = 42s;
  s.records_in = 51'700'000;
  s.records_out = 8'410'000;
  s.records_per_second = 1'234'000;
  s.bytes_per_second = 168e6;
  s.late = 12;
  s.dead_letters = 3;
  s.lag = 7'720'000;
  s.fraction = 0.879;
  s.watermark = from_millis(1'714'564'800'250);
  return s;
}

settings progress_setting(std::string value) {
  settings s;
  s.set("progress", {std::move(value), "--set", {}, false});
  return s;
}

} // namespace

TEST_CASE("a progress line says everything when there is room") {
  CHECK(
    progress_line(busy(), 200) ==
    "00:42  87%  1.23 M records/s  168 MB/s  51.7 M in  8.41 M out  lag 7.72 M  12 late  3 dead letters  "
    "event time 2024-05-01T12:00:00.250Z");
}

TEST_CASE("what is least important is left out of a narrow line") {
  CHECK(
    progress_line(busy(), 100) ==
    "00:42  87%  1.23 M records/s  51.7 M in  8.41 M out  lag 7.72 M  12 late  3 dead letters");
  CHECK(progress_line(busy(), 60) == "00:42  87%  1.23 M records/s  12 late  3 dead letters");
  CHECK(progress_line(busy(), 10) == "00:42  87%");
  CHECK(progress_line(busy(), 3) == "00:");
  CHECK(progress_line(busy(), 0).empty());
}

TEST_CASE("a progress line never exceeds its width and never loses the time") {
  for (std::size_t width = 5; width < 160; ++width) {
    CHECK(progress_line(busy(), width).size() <= width);
    CHECK(progress_line(busy(), width).starts_with("00:42"));
  }
}

TEST_CASE("what is zero or unknown is not shown") { CHECK(progress_line({}, 200) == "00:00  0 records/s  0 in  0 out"); }

TEST_CASE("counts have three digits and the time has hours only when needed") {
  const auto with = [](std::int64_t in, duration elapsed) {
    progress_snapshot s;
    s.records_in = in;
    s.elapsed = elapsed;
    return progress_line(s, 200);
  };
  CHECK(with(999, 59s) == "00:59  0 records/s  999 in  0 out");
  CHECK(with(1000, 60s) == "01:00  0 records/s  1.00 k in  0 out");
  CHECK(with(9'999, 3599s) == "59:59  0 records/s  10.0 k in  0 out");
  CHECK(with(99'960, 3600s) == "1:00:00  0 records/s  100 k in  0 out");
  CHECK(with(999'600, 36000s) == "10:00:00  0 records/s  1.00 M in  0 out");
  CHECK(with(INT64_MAX, 0s) == "00:00  0 records/s  9.22 E in  0 out");
}

TEST_CASE("the end of the stream is not a date in the far future") {
  progress_snapshot s;
  s.watermark = max_timestamp;
  CHECK_THAT(progress_line(s, 200), Catch::EndsWith("  end of stream"));
}

TEST_CASE("metrics are summed over steps and instances") {
  metrics m;
  m.get("records_in", "in", 0).set(10);
  m.get("records_in", "in", 1).set(5);
  m.get("records_out", "out", 0).set(7);
  m.get("late_records", "window", 1).set(2);
  m.get("dead_letters", "in", 0).set(1);
  m.get("dead_letters", "out", 0).set(1);
  m.get("stage_records_in", "window", 1).set(1000);
  const auto s = progress_meter{false}.observe(1s, m.samples());
  CHECK(s.records_in == 15);
  CHECK(s.records_out == 7);
  CHECK(s.late == 2);
  CHECK(s.dead_letters == 2);
}

TEST_CASE("the watermark is the smallest of all partitions, and unknown until all have one") {
  metrics m;
  m.get("watermark", "in", 0).set(5000);
  m.get("watermark", "in", 1).set(3000);
  CHECK(progress_meter{false}.observe(1s, m.samples()).watermark == from_millis(3000));
  m.get("watermark", "in", 2); // not set yet
  CHECK_FALSE(progress_meter{false}.observe(1s, m.samples()).watermark);
  m.get("watermark", "in", 2).set(to_millis(min_timestamp));
  CHECK_FALSE(progress_meter{false}.observe(1s, m.samples()).watermark);
  m.get("watermark", "in", 2).set(to_millis(max_timestamp)); // ended: the others decide
  CHECK(progress_meter{false}.observe(1s, m.samples()).watermark == from_millis(3000));
}

TEST_CASE("an idle partition does not hold the event time shown, which never goes back") {
  metrics m;
  progress_meter meter{false};
  const auto shown = [&] { return meter.observe(1s, m.samples()).watermark; };
  m.get("watermark", "in", 0).set(3000);
  m.get("idle", "in", 0).set(1);
  CHECK_FALSE(shown()); // nobody has said anything but for one that does not count
  m.get("watermark", "in", 1).set(5000);
  CHECK(shown() == from_millis(5000));
  m.get("idle", "in", 0).set(0); // back, and behind
  CHECK(shown() == from_millis(5000));
  m.get("watermark", "in", 0).set(7000);
  m.get("watermark", "in", 1).set(to_millis(max_timestamp));
  CHECK(shown() == from_millis(7000));
  m.get("idle", "in", 0).set(1); // the other has ended, this one may go on
  CHECK(shown() == from_millis(7000));
}

TEST_CASE("the event time shown goes back with a job that starts again from a checkpoint") {
  metrics m;
  progress_meter meter{false};
  m.get("watermark", "in", 0).set(5000);
  CHECK(meter.observe(1s, m.samples()).watermark == from_millis(5000));
  m.get("restarts", "job", 0).add(1);
  m.get("watermark", "in", 0).set(2000);
  CHECK(meter.observe(1s, m.samples()).watermark == from_millis(2000));
}

TEST_CASE("the lag is unknown as long as one partition does not know its own") {
  metrics m;
  m.get("lag", "in", 0).set(30);
  m.get("lag", "in", 1).set(-1);
  CHECK_FALSE(progress_meter{true}.observe(1s, m.samples()).lag);
  m.get("lag", "in", 1).set(20);
  CHECK(progress_meter{true}.observe(1s, m.samples()).lag == 50);
}

TEST_CASE("a percentage is known only of an input that ends") {
  metrics m;
  m.get("lag", "in", 0).set(30);
  m.get("records_in", "in", 0).set(90);
  CHECK(progress_meter{true}.observe(1s, m.samples()).fraction == 0.75);
  CHECK_FALSE(progress_meter{false}.observe(1s, m.samples()).fraction);
}

TEST_CASE("the rate is that of the last two seconds") {
  metrics m;
  auto& in = m.get("records_in", "in", 0);
  progress_meter meter{false};
  for (int quarter = 1; quarter <= 40; ++quarter) { // 1000 a second, for ten seconds
    in.add(250);
    (void)meter.observe(quarter * 250ms, m.samples());
  }
  in.add(2000);
  CHECK(meter.observe(11s, m.samples()).records_per_second == Approx((1000 + 2000) / 2.0));
  CHECK(meter.observe(12s, m.samples()).records_per_second == Approx(2000 / 2.0));
  CHECK(meter.observe(20s, m.samples()).records_per_second == 0);
}

TEST_CASE("the setting progress decides between drawing, logging and silence") {
  console no_terminal{-1, -1};
  CHECK(progress_rhythm_from(progress_setting("auto"), no_terminal).log);
  CHECK_FALSE(progress_rhythm_from(progress_setting("auto"), no_terminal).draw);
  CHECK(progress_rhythm_from(progress_setting("auto"), no_terminal).every == 10s);
  CHECK(progress_rhythm_from(progress_setting("always"), no_terminal).draw);
  const auto never = progress_rhythm_from(progress_setting("never"), no_terminal);
  CHECK_FALSE((never.draw || never.log));
}

TEST_CASE("a display draws while it lives and leaves a clean line") {
  const leat::testing::test_pipe pipe;
  metrics m;
  m.get("records_in", "in", 0).set(77);
  console on{-1, pipe.in()};
  {
    const progress_display display{m, on, {true, false, 5ms}, false};
    std::this_thread::sleep_for(50ms);
  }
  const auto drawn = pipe.drain();
  CHECK_THAT(drawn, Catch::StartsWith("\r\x1b[K00:00  ") && Catch::Contains("  77 in  "));
  CHECK_THAT(drawn, Catch::EndsWith("\r\x1b[K"));
}

TEST_CASE("a display ends at once however slow its rhythm") {
  metrics m;
  console nowhere{-1, -1};
  const auto start = std::chrono::steady_clock::now();
  { const progress_display display{m, nowhere, {true, false, 1h}, false}; }
  CHECK(std::chrono::steady_clock::now() - start < 5s);
}
