#include "crash_run.hpp"

#include "pipes.hpp"

#include "../support/servers/kafka_proxy.hpp"
#include "../support/wait_until.hpp"

#include <leat/persistence/checkpoint_view.hpp>

#include <catch2/catch.hpp>

#include <thread>

using namespace leat::testing;
using namespace std::chrono_literals;

// Rows 11, 13, 14 and 25 to 27 of the faults, for a job whose sinks commit exactly once: brokers that go and come, answers
// that come late, partitions that are added or have no records, a key that has all of them, a sink that takes hardly any.

namespace {

/// How many partitions have a position in the last checkpoint.
std::size_t partitions_in(const std::string& directory) {
  const auto view = leat::checkpoint_view::open(directory);
  std::size_t count = 0;
  for (const auto& step : view.manifest().steps)
    if (step.state("leat.positions") != nullptr)
      view.scan(step.uid, "leat.positions", [&](const leat::stored_entry&) { return ++count != 0; });
  return count;
}

/// Events of other keys, in other partitions, behind all of `make_crash_events`.
std::vector<crash_event> events_of_new_partitions() {
  auto all = make_crash_events(12, 2000);
  for (auto& e : all) {
    e.key += "-of-new";
    e.number += 10'000;
    e.time += 60'000;
    e.partition += 4;
  }
  return all;
}

} // namespace

TEST_CASE("an exactly-once job whose broker is gone for a while goes on by itself, with few words", "[fault]") {
  crash_run run{crash_input::of(1)};
  const auto job = run.start(2, {"--bounded", "--pace", "4"});
  run.wait_for_checkpoints(5);
  const auto before = job->log_lines();
  kafka_server::shared().stop();
  let_last(2s, 60s);
  CHECK(job->running());
  restart_broker();
  CHECK(job->wait_exit() == 0);
  CHECK(job->log_lines() - before < 60);
  CHECK(run.wrong() == "");
}

TEST_CASE("a broker that ends transactions while the job is down costs no record", "[fault]") {
  crash_run run{crash_input::of(3)};
  run.crash(
    2, {"--crash-at", "produced", "--crash-after", "6", "--set", "kafka.producer-properties.transaction.timeout.ms=1000"});
  kafka_server::shared().stop();
  let_last(2s, 70s);
  restart_broker();
  run.wait_until_broker_ends_all();
  run.finish(3);
  CHECK(run.wrong() == "");
}

TEST_CASE("an exactly-once job goes on while each of three brokers is killed, and after it has come back", "[fault]") {
  const kafka_cluster cluster;
  const using_brokers these{cluster.brokers()};
  const auto all = make_crash_events(21, 60'000);
  const crash_input input{all, feed_topic(all)};
  crash_run run{input};
  const auto job = run.start(2, {"--pace", "1"}); // the input lasts longer than this takes
  for (auto* const node : cluster.nodes()) {
    run.wait_for_output(100);
    node->stop();
    run.wait_for_output(100);
    node->start();
  }
  CHECK(job->running());
  job->crash();
  run.finish(3);
  CHECK(run.wrong() == "");
}

TEST_CASE("an answer to a commit that comes late holds its sink up, and changes no result", "[fault]") {
  const auto& kafka = kafka_server::shared();
  kafka_proxy proxy{kafka.proxy_port(), kafka.proxied_port()};
  crash_run run{crash_input::of(2)};
  run.servers = kafka.proxied_brokers();
  const auto job = run.start(2, {"--bounded", "--pace", "4"});
  run.wait_for_checkpoints(5);
  proxy.delay_answer_to(26);
  wait_until("a commit that is answered", std::chrono::seconds{10}, [&] { return proxy.delays(); });
  let_last(3s, 30s);
  CHECK(job->running());
  proxy.pass_delayed();
  CHECK(job->wait_exit() == 0);
  CHECK(run.wrong() == "");
}

TEST_CASE("partitions that are added while a job runs are read from 0, and are part of its checkpoints", "[fault]") {
  auto all = make_crash_events(11, 2000);
  const auto topic = feed_topic(all);
  const auto later = events_of_new_partitions();
  all.insert(all.end(), later.begin(), later.end());
  const crash_input input{all, topic};
  crash_run run{input};
  const auto job = run.start(2, {"--set", "kafka.discovery-interval=1s"});
  run.wait_for_checkpoints(3);
  leat::kafka_admin{brokers()}.grow_topic(topic, 8);
  feed_events(topic, later);
  wait_until(
    "a checkpoint with eight partitions", std::chrono::seconds{20}, [&] { return partitions_in(run.directory()) == 8; });
  job->crash();
  run.finish(3);
  CHECK(run.wrong() == "");
}

TEST_CASE("a partition without records holds up neither windows nor barriers, and a crash changes no result", "[fault]") {
  auto all = make_crash_events(13, 4000);
  for (auto& e : all)
    e.partition %= 3; // of four
  const crash_input input{all, feed_topic(all)};
  crash_run run{input};
  const auto job = run.start(2, {"--pace", "4", "--set", "time.idle-timeout=3s"});
  run.wait_for_output(100);
  run.wait_for_checkpoints(3);
  job->crash();
  run.finish(3);
  CHECK(run.wrong() == "");
}

TEST_CASE("a key that has all the records is counted right, also after a crash", "[fault]") {
  auto all = make_crash_events(14, 4000);
  for (auto& e : all) {
    e.key = "hot";
    e.partition = 0;
  }
  const crash_input input{all, feed_topic(all)};
  crash_run run{input};
  const auto job = run.start(3, {"--pace", "4", "--set", "time.idle-timeout=3s"});
  run.wait_for_output(100);
  job->crash();
  run.finish(2);
  CHECK(run.wrong() == "");
}

TEST_CASE(
  "a sink that takes a record a second holds its job up: memory is flat, checkpoints go on, and a crash changes no result",
  "[fault]") {
  const auto all = make_crash_events(27, 400'000);
  const crash_input input{all, feed_topic(all)};
  crash_run run{input};
  const auto job = run.start(
    2, {"--slow-sink", "1", "--set", "channel.credit=1", // so that little is on its way
        "--set", "checkpoints.alignment-timeout=auto"});
  run.wait_for_output(1);
  for (std::size_t before = 0; before != run.output();) {
    before = run.output();
    std::this_thread::sleep_for(2s);
  }
  const auto held_up_at = run.output();
  const auto memory = job->peak_memory();
  let_last(5s, 300s);
  run.wait_for_checkpoints(3);
  CHECK(job->peak_memory() < memory + 32'000'000);
  job->crash();
  run.finish(2, {"--slow-sink", "0"}); // at another parallelism, records that a barrier has overtaken may change places
  CHECK(run.wrong() == "");
  CHECK(held_up_at < run.output() / 2);
}
