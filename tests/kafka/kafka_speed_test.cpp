#include "../support/kafka_server.hpp"
#include "kafka_fixture.hpp"

#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <catch2/catch.hpp>

#include <cstdio>
#include <thread>

using namespace leat;
using namespace leat::testing;

namespace {

/// Records of 140 bytes, the same number in each of four partitions.
void fill(const std::string& brokers, const std::string& topic, int count) {
  kafka_admin{brokers}.create_topic({.name = topic, .partitions = 4, .replication = 1, .configs = {}});
  kafka_feeder feeder{brokers, {{"linger.ms", "50"}, {"queue.buffering.max.messages", "500000"}}};
  const std::string payload(140, 'x');
  for (int i = 0; i < count; ++i)
    feeder.send(topic, std::nullopt, payload, i % 4);
  feeder.flush();
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Reads four partitions in turn on this thread, as one busy core would; nothing is kept.
std::size_t read_all(source_under_test& from, wake_up& wake) {
  const auto out = batch<line>::fresh();
  const auto rejected = batch<dead_letter>::fresh();
  std::vector<std::unique_ptr<partition_reader>> readers;
  for (const auto& p : from.partitions)
    readers.push_back(from.source.make_reader(p, wake.as_waker()));
  std::size_t count = 0;
  for (std::size_t ended = 0; ended < readers.size();) {
    bool more = false;
    ended = 0;
    for (auto& reader : readers) {
      const auto status = reader->read(*out, *rejected);
      count += out->size();
      out->clear();
      ended += status == read_status::ended ? 1 : 0;
      more = more || status == read_status::more;
    }
    if (!more && ended < readers.size())
      wake.wait(std::chrono::milliseconds{2000});
  }
  return count;
}

} // namespace

TEST_CASE("measure: reading four partitions of 140-byte records", "[.measure]") {
  auto& kafka = kafka_server::shared();
  const auto topic = fresh_topic("speed");
  const int count = 4'000'000;
  fill(kafka.brokers(), topic, count);
  for (const char* kilobytes : {"2048", "4096", "6144", "16384"}) {
    job_context context{kafka.brokers()};
    context.bounded().set("kafka.properties.queued.max.messages.kbytes", kilobytes);
    source_under_test from{context, topic, kafka_start::earliest()};
    wake_up wake;
    const auto start = std::chrono::steady_clock::now();
    CHECK(read_all(from, wake) == count);
    std::printf("queue of %s KB: %.2f million records/s\n", kilobytes, count / seconds_since(start) / 1e6);
  }
}

TEST_CASE("measure: memory with a stopped reader", "[.measure]") {
  auto& kafka = kafka_server::shared();
  const auto topic = fresh_topic("memory");
  fill(kafka.brokers(), topic, 4'000'000);
  for (const char* kilobytes : {"2048", "4096", "6144", "16384"}) {
    job_context context{kafka.brokers()};
    context.set("kafka.properties.queued.max.messages.kbytes", kilobytes);
    const auto before = resident_memory();
    source_under_test from{context, topic, kafka_start::earliest()};
    from.start_reading();
    std::this_thread::sleep_for(std::chrono::seconds{4});
    std::printf("queue of %s KB: %zu MB\n", kilobytes, (resident_memory() - before) >> 20);
  }
}

TEST_CASE("measure: writing 140-byte records", "[.measure]") {
  auto& kafka = kafka_server::shared();
  for (const char* linger : {"0", "5", "20", "50"}) {
    const auto topic = fresh_topic("writing");
    kafka_admin{kafka.brokers()}.create_topic({.name = topic, .partitions = 4, .replication = 1, .configs = {}});
    job_context context{kafka.brokers()};
    context.set("kafka.properties.linger.ms", linger);
    const line_format lines;
    writer_under_test<kafka_sink> to{
      context, kafka_sink_options{topic}, lines, schema_of<line>(), std::make_shared<first_word>()};
    const auto in = batch<line>::fresh();
    for (int i = 0; i < 1024; ++i)
      in->push(line{"user-" + std::to_string(i * 7) + " " + std::string(130, 'x')}, timestamp{});
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 1000; ++i)
      to.write(*in);
    CHECK(to.wait_delivered(to.writer->mark()));
    std::printf("linger %s ms: %.2f million records/s\n", linger, 1.024 / seconds_since(start));
  }
}
