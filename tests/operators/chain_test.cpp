#include <leat/operators/filter.hpp>
#include <leat/operators/map.hpp>
#include <leat/operators/process.hpp>
#include <leat/tests/support/step_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

using number = std::int64_t;

auto add(number n) {
  return making<map_step, number, number>([n](number x) { return x + n; });
}

} // namespace

TEST_CASE("steps run one after the other on the same batch") {
  step_fixture<number> f;
  f.add("plus one", add(1));
  f.add("odd", making<filter_step, number>([](number n) { return n % 2 != 0; }));
  f.add("plus ten", add(10));
  f.give(batch_of<number>({{1, 1}, {2, 2}, {4, 4}}));
  CHECK(f.out.told == story{"13@2", "15@4"});
}

TEST_CASE("an empty chain passes everything through") {
  step_fixture<number> f;
  f.give(batch_of<number>({{1, 1}}));
  f.give(signal::end());
  CHECK(f.out.told == story{"1@1", "end"});
}

TEST_CASE("a step says as a metric that nobody waits for it, until a watermark comes") {
  step_fixture<number> f;
  f.add("plus one", add(1));
  f.give(watermark(5));
  CHECK(f.registry.sum("idle", "plus one") == 0);
  f.give(signal::idle());
  CHECK(f.registry.sum("idle", "plus one") == 1);
  f.give(watermark(5));
  CHECK(f.registry.sum("idle", "plus one") == 0);
}

TEST_CASE("every branch of a chain sees every record, and none spoils another's") {
  step_fixture<number> f;
  recorder<number> untouched{f.steps.flow()};
  auto& fork = f.add("fork", making<filter_step, number>([](number) { return true; }));
  f.add("odd", making<filter_step, number>([](number n) { return n % 2 != 0; }));
  fork.connect(untouched);
  f.give(batch_of<number>({{1, 1}, {2, 2}}));
  f.give(watermark(2));
  CHECK(f.out.told == story{"1@1", "watermark 2"});
  CHECK(untouched.told == story{"1@1", "2@2", "watermark 2"});
}

TEST_CASE("a chain is ready unless its flow is blocked or a step is parked") {
  step_fixture<number> f;
  f.add("plus one", add(1));
  f.out.cork_after_each_batch();
  CHECK(f.steps.ready());
  f.give(batch_of<number>({{1, 1}}));
  CHECK_FALSE(f.steps.ready());
  CHECK(f.uncork());
  CHECK(f.steps.ready());
}

TEST_CASE("a chain blocked by two outputs is ready when both have room") {
  step_fixture<number> f;
  recorder<number> other{f.steps.flow()};
  f.add("plus one", add(1)).connect(other);
  f.out.cork_after_each_batch();
  other.cork_after_each_batch();
  f.give(batch_of<number>({{1, 1}}));
  f.out.uncork();
  CHECK_FALSE(f.steps.resume());
  other.uncork();
  CHECK(f.steps.resume());
}
