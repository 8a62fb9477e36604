#include <leat/tests/support/source_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// A source that may be at most 100 ms ahead of others, and has a record every 10 ms.
struct aligned_fixture : source_fixture {
  aligned_fixture() : source_fixture{100, min_timestamp, 100ms} {
    for (std::int64_t i = 1; i <= 50; ++i)
      reads({{i, 10 * i}});
    reads({}, read_status::drained);
    start();
  }
};

} // namespace

TEST_CASE("an aligned source reads a batch, and waits until it hears how far the others are") {
  aligned_fixture s;
  CHECK(s.script.reads == 1);
  CHECK(s.records.told() == story{"1@10", "watermark 9"});
  CHECK(s.host.reports() == story{"reached at -inf", "reached at 9"});
  s.task.run();
  CHECK(s.script.reads == 1);
}

TEST_CASE("an aligned source reads up to its limit, and reports when it has reached it") {
  aligned_fixture s;
  s.host.reports();
  s.limit(45);
  CHECK(s.script.reads == 5); // 49 is the first watermark past 45
  CHECK(s.host.reports() == story{"reached at 49"});
  CHECK(s.registry.sum("held_by_alignment") == 1);
  s.limit(55);
  CHECK(s.script.reads == 6);
}

TEST_CASE("an aligned source far from its limit reports now and then, not with each batch") {
  aligned_fixture s;
  s.host.reports();
  s.limit(1'000);
  s.run_to_rest();
  CHECK(s.script.reads == 51);
  CHECK(s.registry.sum("held_by_alignment") == 0);
  const auto reports = s.host.reports();
  CHECK(reports.size() >= 5);
  CHECK(reports.size() <= 20); // one for each 25 ms at most
  s.tick(100ms);
  s.tick(100ms);
  CHECK(s.host.reports() == story{"reached at 499"}); // exactly, and once
}

TEST_CASE("a source that is held answers barriers, commits, and ends when it is stopped") {
  aligned_fixture s;
  s.records.told();
  s.barrier(1);
  s.commit(1, 5);
  s.host.reports();
  s.task.on_stop();
  CHECK(s.records.told() == story{"barrier 1", "end"});
  CHECK(s.script.commits == std::vector<std::pair<std::int64_t, std::string>>{{1, "5"}});
  CHECK(s.host.reports() == story{"source ended at 9", "ended at 9"});
}

TEST_CASE("a source that is held is not idle: it has not looked") {
  aligned_fixture s;
  s.limit(1'000);
  s.run_to_rest();
  s.limit(100);
  s.records.told();
  for (int i = 0; i < 30; ++i)
    s.tick(100ms);
  CHECK(s.records.empty());
  s.limit(1'000);
  s.fall_idle();
}

TEST_CASE("an idle source tells those it is aligned with, and is waited for before it is held again") {
  aligned_fixture s;
  s.limit(1'000);
  s.run_to_rest();
  s.fall_idle();
  s.limit(100);
  CHECK(s.host.reports().back() == "idle at 499");
  s.reads({{51, 510}});
  s.reads({{52, 520}});
  s.task.run();
  CHECK(s.records.told() == story{"watermark 499", "51@510", "watermark 509"});
  CHECK(s.host.reports() == story{"reached at 499", "reached at 509"});
}
