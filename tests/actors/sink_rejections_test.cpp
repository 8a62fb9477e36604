#include <leat/tests/support/stage_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// A sink that has taken three records.
struct sink_with_three : stage_fixture<> {
  sink_with_three() : stage_fixture{1} {
    end_in_writer();
    data(1, batch_of<std::int64_t>({{1, 1}, {2, 2}, {3, 3}}));
  }

  void check_counts(std::int64_t out, std::int64_t dead) {
    CHECK(registry.sum("records_out") == out);
    CHECK(registry.sum("dead_letters") == dead);
  }
};

} // namespace

TEST_CASE_METHOD(sink_with_three, "what a writer rejects counts as a dead letter, not as written") {
  writer.rejected = 1;
  data(1, 4);
  check_counts(3, 1);
}

TEST_CASE_METHOD(sink_with_three, "a record that is refused only after it was sent moves to the dead letters") {
  check_counts(3, 0);
  writer.rejected = 2;
  task.on_wake();
  check_counts(1, 2);
  task.on_wake();
  check_counts(1, 2);
}
