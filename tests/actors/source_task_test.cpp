#include <leat/actors/source_task.hpp>

#include <leat/base/error.hpp>
#include <leat/tests/support/task_fakes.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// A `source_task` between a scripted reader and two mailboxes: one for records, one for dead letters.
class source_fixture {
public:
  explicit source_fixture(
    std::uint32_t credit = 2, timestamp settled = min_timestamp, std::optional<duration> max_drift = {})
    : task{
        {3, "clicks", 0, make_pool<std::int64_t>(), settled, 1s, max_drift},
        std::make_unique<bounded_out_of_orderness>(0ms),
        registry} {
    task.attach(host);
    task.set_reader(std::make_unique<scripted_reader>(script));
    task.steps().last().connect(add_exchange<std::int64_t>(records, credit));
    task.set_dead_letters(add_exchange<dead_letter>(letters, credit));
  }

  void reads(std::vector<std::pair<std::int64_t, std::int64_t>> values, read_status status = read_status::more) {
    script.readings.push_back({std::move(values), {}, status});
  }
  void reads_bad(std::string reason) { script.readings.push_back({{}, {std::move(reason)}, read_status::more}); }

  void start() { task.start(now); }
  void limit(std::int64_t millis) { task.on_limit({from_millis(millis)}); }
  void barrier(std::uint64_t epoch) { task.on_trigger({epoch}); }
  void commit(std::uint64_t epoch, std::int64_t settled) { task.on_commit({epoch, from_millis(settled)}); }
  void credit(output_id output = 0) { task.on_credit({output, 1}); }
  void tick(duration later) {
    now += later;
    task.on_tick(now);
  }

  /// Runs the task as often as it asks for.
  void run_to_rest() {
    while (host.runs_asked > 0) {
      --host.runs_asked;
      task.run();
    }
  }

  /// Lets the idle timeout pass, and forgets what was told until then.
  void fall_idle() {
    for (int i = 0; i < 30; ++i)
      tick(100ms);
    REQUIRE(records.told().back() == "idle");
  }

  /// With a credit of one: a full batch waits in the channel of records, and a letter gathers before a channel that has no
  /// credit.
  void block_both_ways() {
    const std::vector<std::pair<std::int64_t, std::int64_t>> full(max_batch_records, {1, 1});
    reads_bad("first");
    start();
    reads(full);
    reads_bad("second");
    reads(full);
    task.run();
  }

  metrics registry;
  recording_host host;
  scripted_reader::script script;
  fake_mailbox records;
  fake_mailbox letters;
  source_task task;

private:
  template <class T>
  exchange& add_exchange(fake_mailbox& to, std::uint32_t credit) {
    std::vector<std::unique_ptr<output_channel>> channels;
    channels.push_back(std::make_unique<output_channel>(1, credit, to.link(), task.steps().flow()));
    return task.outputs().add(std::make_unique<exchange>(std::make_unique<forward_partitioner<T>>(0), std::move(channels)));
  }

  source_task::clock::time_point now{};
};

} // namespace

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
  s.reads({{2, 5}, {3, 20}}, read_status::drained);
  s.task.run();
  CHECK(s.records.told() == story{"watermark 9", "2@5", "3@20", "watermark 19"});
  s.reads({{4, 21}}, read_status::drained);
  s.task.run();
  CHECK(s.records.told() == story{"4@21", "watermark 20"});
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
