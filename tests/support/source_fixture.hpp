#pragma once

#include <leat/actors/source_task.hpp>
#include <leat/tests/support/task_fakes.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// A `source_task` between a scripted reader and two mailboxes: one for records, one for dead letters.
class source_fixture {
public:
  explicit source_fixture(
    std::uint32_t credit = 2, timestamp settled = min_timestamp, std::optional<duration> max_drift = {})
    : task{
        {3, "clicks", 0, make_pool<std::int64_t>(), settled, 1s, max_drift,
         std::make_shared<refusal_log>("source", "clicks", nullptr)},
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

} // namespace leat::testing
