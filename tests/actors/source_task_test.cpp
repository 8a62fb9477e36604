#include <leat/tests/support/source_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

TEST_CASE("what is read goes out at once when nothing more is there, the watermark behind it") {
  source_fixture s;
  s.reads({{1, 10}, {2, 20}}, read_status::drained);
  s.start();
  CHECK(s.records.told() == story{"1@10", "2@20", "watermark 19"});
  CHECK(s.registry.sum("records_in") == 2);
}

TEST_CASE("under load the watermark follows every few batches, and others get their turn") {
  source_fixture s{100};
  for (std::int64_t i = 1; i <= 20; ++i)
    s.reads({{i, i}});
  s.start();
  CHECK(s.script.reads == 8);
  CHECK(s.host.runs_asked == 1);
  CHECK(s.records.told().back() == "watermark 7");
  s.run_to_rest();
  CHECK(s.records.told().back() == "watermark 19");
}

TEST_CASE("the watermark stands behind the same records, however often a source runs out of credit between them") {
  const auto told = [](std::uint32_t credit) {
    source_fixture s{credit};
    const auto large = static_cast<std::int64_t>(max_batch_records);
    for (std::int64_t i = 1; i <= 20; ++i)
      s.reads(std::vector<std::pair<std::int64_t, std::int64_t>>(static_cast<std::size_t>(large), {i, i}));
    s.start();
    s.run_to_rest();
    for (auto missing = credit; missing < 20; ++missing) {
      s.credit();
      s.run_to_rest();
    }
    return s.records.told();
  };
  CHECK(told(1) == told(20));
}

TEST_CASE("a source without credit stops reading, and goes on when credit comes back") {
  source_fixture s{1};
  const auto large = static_cast<std::int64_t>(max_batch_records);
  for (int i = 0; i < 5; ++i)
    s.reads(std::vector<std::pair<std::int64_t, std::int64_t>>(static_cast<std::size_t>(large), {1, 1}));
  s.start();
  CHECK(s.script.reads == 2); // one sent, one in the channel's backlog
  CHECK(s.records.batches() == 1);
  s.task.run();
  CHECK(s.script.reads == 2);
  s.credit();
  CHECK(s.script.reads == 3);
  CHECK(s.records.batches() == 2);
}

TEST_CASE("a source starts its watermark where an earlier run has settled") {
  source_fixture s{2, from_millis(500)};
  s.reads({{1, 10}}, read_status::drained);
  s.start();
  CHECK(s.records.told() == story{"watermark 500", "1@10"});
}

TEST_CASE("a barrier stands behind what has been read, and its commit stores that position") {
  source_fixture s{4};
  s.reads({{1, 1}, {2, 2}}, read_status::drained);
  s.start();
  s.barrier(1);
  s.reads({{3, 3}}, read_status::drained);
  s.task.run();
  s.commit(1, 99);
  CHECK(s.records.told() == story{"1@1", "2@2", "watermark 1", "barrier 1", "3@3", "watermark 2"});
  CHECK(s.script.commits == std::vector<std::pair<std::int64_t, std::string>>{{2, "99"}});
}

TEST_CASE("a barrier asked for while the source is blocked stands behind what was read, before what comes") {
  source_fixture s{1};
  s.reads({{1, 1}}, read_status::drained);
  s.reads({{2, 2}}, read_status::drained);
  s.reads({{3, 3}}, read_status::drained);
  s.start();
  s.task.run(); // record 2 and its watermark wait in the channel
  s.barrier(1);
  CHECK(s.records.told() == story{"1@1", "watermark 0"});
  s.credit();
  s.credit();
  CHECK(s.records.told() == story{"2@2", "watermark 1", "barrier 1", "3@3", "watermark 2"});
  s.commit(1, 0);
  CHECK(s.script.commits.front().first == 2);
}

TEST_CASE("two barriers that waited for room both go out before the end of a stopped stream") {
  source_fixture s{1};
  s.block_both_ways();
  s.barrier(1);
  s.barrier(2);
  s.task.on_stop();
  s.credit(0); // the first barrier goes, and closes the batch of letters, which has no credit
  CHECK(s.host.reports() == story{});
  s.credit(1);
  const auto told = s.records.told();
  CHECK(story(told.end() - 3, told.end()) == story{"barrier 1", "barrier 2", "end"});
}

TEST_CASE("nothing is read behind a barrier that has blocked the source") {
  source_fixture s{1};
  s.block_both_ways();
  s.barrier(1);
  const auto reads = s.script.reads;
  s.credit(0);
  CHECK(s.script.reads == reads);
  s.credit(1);
  CHECK(s.script.reads > reads);
}

TEST_CASE("a commit of an epoch that began before the source did is none of its business") {
  source_fixture s;
  s.start();
  s.commit(1, 10);
  CHECK(s.script.commits.empty());
}

TEST_CASE("a source that may not read says barriers, commits and ends, and reads on when it may") {
  source_fixture s;
  s.reads({{1, 10}});
  s.reads({{2, 20}});
  s.reads({}, read_status::drained);
  s.task.on_let_read({false});
  s.start();
  CHECK(s.script.reads == 0);
  s.barrier(1);
  for (int i = 0; i < 30; ++i)
    s.tick(100ms); // it is not idle: it has not looked
  CHECK(s.records.told() == story{"barrier 1"});
  s.task.on_let_read({true});
  s.run_to_rest();
  CHECK(s.script.reads == 3);
  s.task.on_let_read({false});
  s.task.on_stop();
  CHECK(s.records.told().back() == "end");
}

TEST_CASE("a commit takes earlier epochs with it") {
  source_fixture s{4};
  s.reads({{1, 1}}, read_status::drained);
  s.start();
  s.barrier(1);
  s.barrier(2);
  s.commit(2, 10);
  s.commit(1, 10);
  CHECK(s.script.commits.size() == 1);
}

TEST_CASE("a bounded stream ends with a watermark of +inf, and reports the last one before it") {
  source_fixture s;
  s.reads({{1, 10}}, read_status::ended);
  s.start();
  CHECK(s.records.told() == story{"1@10", "watermark 9", "watermark +inf", "end"});
  CHECK(s.registry.sum("watermark") == to_millis(max_timestamp)); // it holds no event time that is shown
  CHECK(s.host.reports() == story{"source ended at 9"});
}

TEST_CASE("a stopped stream ends where it is, without +inf") {
  source_fixture s;
  s.reads({{1, 10}}, read_status::drained);
  s.start();
  s.task.on_stop();
  s.task.on_stop();
  CHECK(s.records.told() == story{"1@10", "watermark 9", "end"});
  CHECK(s.host.reports() == story{"source ended at 9"});
}

TEST_CASE("a source that is stopped while blocked ends when there is room") {
  source_fixture s{1};
  for (const std::int64_t i : {1, 2})
    s.reads({{i, i}}, read_status::drained);
  s.start();
  s.task.run();
  s.task.on_stop();
  CHECK(s.host.reports() == story{});
  s.credit();
  CHECK(s.records.told() == story{"1@1", "watermark 0", "2@2", "watermark 1", "end"});
}

TEST_CASE("after its end a source still answers for its position") {
  source_fixture s;
  s.reads({{1, 10}}, read_status::ended);
  s.start();
  s.records.told();
  s.barrier(1);
  s.commit(1, 10);
  s.task.run();
  CHECK(s.records.empty());
  CHECK(s.script.commits.size() == 1);
}

TEST_CASE("dead letters name the step, spend credit and stand before the barrier") {
  source_fixture s{1};
  s.reads_bad("no number");
  s.start();
  CHECK(s.letters.batches() == 1);
  s.reads_bad("no number either");
  s.task.run();
  s.barrier(1);
  CHECK(s.letters.batches() == 1); // the second letter waits for credit, the barrier behind it
  CHECK(s.registry.sum("dead_letters") == 2);
  s.credit(1);
  std::vector<std::string> steps;
  std::vector<signal> signals;
  while (!s.letters.empty()) {
    auto m = s.letters.pop();
    if (auto* data = std::get_if<data_message>(&m))
      for (const auto& letter : batch<dead_letter>::of(*data->batch).records())
        steps.push_back(letter.step + ": " + letter.reason);
    else
      signals.push_back(std::get<signal_message>(m).signal);
  }
  CHECK(steps == std::vector<std::string>{"clicks: no number", "clicks: no number either"});
  CHECK(signals == std::vector<signal>{signal::barrier(1)});
}

TEST_CASE("a partition without records is idle after the timeout, and says so once") {
  source_fixture s;
  s.reads({{1, 10}}, read_status::drained);
  s.start();
  s.records.told();
  for (int i = 0; i < 9; ++i)
    s.tick(100ms);
  CHECK(s.records.empty());
  for (int i = 0; i < 30; ++i)
    s.tick(100ms);
  CHECK(s.records.told() == story{"idle"});
}

TEST_CASE("a partition whose broker is away is not idle: its records are still to come") {
  source_fixture s;
  s.reads({{1, 10}}, read_status::drained);
  s.start();
  s.records.told();
  s.script.caught_up = false;
  for (int i = 0; i < 30; ++i)
    s.tick(100ms);
  CHECK(s.records.empty());
  s.script.caught_up = true;
  for (int i = 0; i < 30; ++i)
    s.tick(100ms);
  CHECK(s.records.told() == story{"idle"});
}

TEST_CASE("a partition that wakes says its watermark before its first record, even one that has not risen") {
  source_fixture s{4};
  s.reads({{1, 10}}, read_status::drained);
  s.start();
  s.fall_idle();
  CHECK(s.registry.sum("idle") == 1); // nobody goes by its watermark
  s.reads({{2, 5}, {3, 20}}, read_status::drained);
  s.task.run();
  CHECK(s.records.told() == story{"watermark 9", "2@5", "3@20", "watermark 19"});
  CHECK(s.registry.sum("idle") == 0);
  s.reads({{4, 21}}, read_status::drained);
  s.task.run();
  CHECK(s.records.told() == story{"4@21", "watermark 20"});
}

TEST_CASE("a partition that was idle when its job failed is not shown as idle by the next attempt") {
  source_fixture s;
  s.reads({{1, 10}}, read_status::drained);
  s.start();
  s.fall_idle();
  const source_task next{
    {3, "clicks", 0, make_pool<std::int64_t>(), min_timestamp, 1s, {}, nullptr},
    std::make_unique<bounded_out_of_orderness>(0ms),
    s.registry};
  CHECK(s.registry.sum("idle") == 0);
}

TEST_CASE("a partition that wakes is waited for also while its records have no credit to go on") {
  source_fixture s{1};
  s.reads({{1, 10}}, read_status::drained);
  s.start();
  s.fall_idle();
  s.reads({{2, 20}}, read_status::drained);
  s.task.run();
  CHECK(s.records.told() == story{"watermark 9"});
}

TEST_CASE("a partition that falls idle before its first record is waited for when that comes") {
  source_fixture s;
  s.start();
  s.fall_idle();
  s.reads({{1, 10}}, read_status::drained);
  s.task.run();
  CHECK(s.records.told() == story{"watermark -inf", "1@10", "watermark 9"});
}

TEST_CASE("a partition with a record now and then is not idle") {
  source_fixture s{100};
  s.start();
  for (std::int64_t i = 0; i < 50; ++i) {
    s.reads({{i, i}}, read_status::drained);
    s.task.run();
    s.tick(100ms);
  }
  const auto told = s.records.told();
  CHECK(std::count(told.begin(), told.end(), "idle") == 0);
}

TEST_CASE("a source that is held up is not idle") {
  source_fixture s{1};
  for (const std::int64_t i : {1, 2})
    s.reads({{i, i}}, read_status::drained);
  s.start();
  s.task.run();
  for (int i = 0; i < 30; ++i)
    s.tick(100ms);
  s.credit();
  const auto told = s.records.told();
  CHECK(std::count(told.begin(), told.end(), "idle") == 0);
}
