#include <leat/operators/event_time_step.hpp>
#include <leat/tests/support/conformance.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// A step that gives events the time in their key, which may be 2 ms out of order.
struct retiming {
  timestamp operator()(const event& e) const { return from_millis(e.key); }
};

auto make_step() {
  return [](step_context c) {
    return std::make_unique<event_time_step<event, retiming>>(
      std::move(c), retiming{}, std::make_unique<bounded_out_of_orderness>(2ms));
  };
}

class retimed {
public:
  retimed() { f.add("times", make_step()); }

  /// Records of these new times.
  void records(const std::vector<std::int64_t>& times) { f.give(batch_at(times)); }

  static boost::intrusive_ptr<batch<event>> batch_at(const std::vector<std::int64_t>& times) {
    auto in = batch<event>::fresh();
    for (const auto t : times)
      in->push(event{t, t, 0}, from_millis(7));
    return in;
  }
  void give(const signal& s) { f.give(s); }
  void clock(std::int64_t millis) {
    f.steps.clock().advance_to(from_millis(millis));
    if (f.steps.next_processing_time() <= f.steps.clock().now())
      f.steps.on_processing_time();
  }
  story said() { return std::exchange(f.out.told, {}); }

  step_fixture<event> f;
};

} // namespace

TEST_CASE("records get their new times, and watermarks come from these, when the stream says one") {
  retimed r;
  r.records({500, 499});
  r.give(watermark(3));
  r.give(watermark(4));
  CHECK(r.said() == story{"500@500", "499@499", "watermark 497"});
  r.records({510});
  r.give(watermark(5));
  CHECK(r.said() == story{"510@510", "watermark 507"});
}

TEST_CASE("a stream that says no watermark leads to one after a while of the wall clock") {
  retimed r;
  r.clock(1000);
  r.records({500});
  r.clock(1199);
  CHECK(r.said() == story{"500@500"});
  r.clock(1200);
  CHECK(r.said() == story{"watermark 497"});
  r.clock(5000);
  CHECK(r.said().empty());
}

TEST_CASE("under load a watermark follows every so many records") {
  retimed r;
  for (std::int64_t i = 0; i < 8; ++i)
    r.records(std::vector<std::int64_t>(max_batch_records, 100 + i));
  CHECK(r.said().back() == "watermark 104");
}

TEST_CASE("an output without room gets the watermark when it has some") {
  retimed r;
  r.f.out.cork_after_each_batch();
  for (std::int64_t i = 0; i < 8; ++i) {
    r.records(std::vector<std::int64_t>(max_batch_records, 100));
    if (i < 7)
      r.f.drain();
  }
  CHECK(r.said().back() == "100@100");
  CHECK_FALSE(r.f.steps.ready());
  r.f.drain();
  CHECK(r.said() == story{"watermark 97"});
}

TEST_CASE("the end of the stream is the end here as well") {
  retimed r;
  r.records({500});
  r.give(signal::watermark(max_timestamp));
  r.give(signal::end());
  CHECK(r.said() == story{"500@500", "watermark +inf", "end"});
}

TEST_CASE("a stream that is idle is idle behind the step, and waited for again before its next record") {
  retimed r;
  r.records({500});
  r.give(signal::idle());
  CHECK(r.said() == story{"500@500", "watermark 497", "idle"});
  r.records({501});
  CHECK(r.said() == story{"watermark 497", "501@501"});
}

TEST_CASE("records that others read too keep their old times there") {
  retimed r;
  const auto shared = retimed::batch_at({500});
  r.f.give(batch_ptr{shared});
  CHECK(r.said() == story{"500@500"});
  CHECK(shared->timestamps()[0] == from_millis(7));
}

TEST_CASE("a barrier settles at once: what was before it waits for no event time") {
  retimed r;
  r.give(signal::barrier(1, from_millis(99)));
  CHECK(r.said() == story{"barrier 1"});
}

TEST_CASE("a stream that starts where another has settled need not begin there before new times") {
  retimed r;
  CHECK(r.f.steps.needs_after(from_millis(1000)) == min_timestamp);
}

TEST_CASE("conformance: event times given in mid-stream") { check_conformance<event>(make_step()); }
