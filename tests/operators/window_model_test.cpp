#include <leat/tests/operators/random_numbers.hpp>
#include <leat/tests/support/window_fixture.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <random>

using namespace leat;
using namespace leat::testing;

namespace {

/// Windows by the definition alone: keeps every accepted event in a list, and at each watermark goes through all windows
/// and all events.
class window_model {
public:
  window_model(duration size, duration slide, duration offset)
    : size_{size.count()}, slide_{slide.count()}, offset_{offset.count()} {}

  void on_event(const event& e) {
    bool anywhere = false;
    bool open = false;
    for (const auto start : starts()) {
      const bool inside = start <= e.time && e.time < start + size_;
      anywhere = anywhere || inside;
      open = open || (inside && !fired(start));
    }
    if (open)
      accepted_.push_back(e);
    else if (anywhere)
      ++late;
    else
      ++not_in_a_window;
  }

  story on_watermark(std::int64_t millis) {
    story told;
    for (const auto start : starts()) {
      if (fired(start) || start + size_ - 1 > millis)
        continue;
      std::map<std::int64_t, window_row> rows;
      for (const auto& e : accepted_)
        if (start <= e.time && e.time < start + size_) {
          auto& r = rows[e.key];
          r = {e.key, from_millis(start), from_millis(start + size_), r.events + 1, r.sum + e.value};
        }
      for (const auto& [key, r] : rows)
        told.push_back(to_text(r) + '@' + std::to_string(start + size_ - 1));
    }
    watermark_ = std::max(watermark_, millis);
    told.push_back("watermark " + std::to_string(watermark_));
    return told;
  }

  int late = 0;
  int not_in_a_window = 0; // late or not: which of the two a gap record counts as is not the model's to say

private:
  [[nodiscard]] bool fired(std::int64_t start) const { return start + size_ - 1 <= watermark_; }

  /// Starts of all windows around the times that the tests use, in order.
  [[nodiscard]] std::vector<std::int64_t> starts() const {
    std::vector<std::int64_t> all;
    for (std::int64_t n = -600 / slide_; n <= 600 / slide_; ++n)
      all.push_back(n * slide_ + offset_);
    return all;
  }

  const std::int64_t size_, slide_, offset_;
  std::vector<event> accepted_;
  std::int64_t watermark_ = -100'000;
};

/// A few dozen random batches, watermarks and barriers through a window step and the model.
void compare_windows_with_model(unsigned seed) {
  std::mt19937 random{seed};
  const duration size{between(random, 1, 20)};
  const duration slide{between(random, 0, 2) == 0 ? size.count() : between(random, 1, 25)};
  const duration offset{between(random, -30, 30)};
  CAPTURE(seed, size.count(), slide.count(), offset.count());
  window_fixture w{sliding(size, slide, offset)};
  window_model model{size, slide, offset};
  if (between(random, 0, 1) == 1)
    w.f.out.cork_after_each_batch();
  auto now = between(random, -150, 0);
  for (int i = 0; i < 40; ++i) {
    if (between(random, 0, 2) != 0) {
      std::vector<event> events(static_cast<std::size_t>(between(random, 1, 6)));
      for (auto& e : events) {
        e = {between(random, 1, 3), between(random, -9, 9), now + between(random, -15, 30)};
        model.on_event(e);
      }
      w.events(events);
    } else {
      now += between(random, -3, 12);
      w.watermark(now);
      w.f.drain();
      REQUIRE(w.said() == model.on_watermark(now));
    }
  }
  w.watermark(1000);
  w.f.drain();
  REQUIRE(w.said() == model.on_watermark(1000));
  REQUIRE(w.counted("late_records") + w.counted("gap_records") == model.late + model.not_in_a_window);
  REQUIRE(w.counted("late_records") >= model.late);
  REQUIRE(w.counted("state_entries") == 0);
}

} // namespace

TEST_CASE("random streams through random windows give the rows of a plain list of all events") {
  for (unsigned seed = 1; seed <= 600; ++seed)
    compare_windows_with_model(seed);
}
