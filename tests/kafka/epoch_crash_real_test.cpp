#include "../support/servers/kafka_server.hpp"
#include "../support/temporary_folder.hpp"
#include "transactional_fixture.hpp"

#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>

using namespace leat;
using namespace leat::testing;

namespace {

constexpr std::uint64_t last_epoch = 6;
constexpr std::size_t lines_each = 3000;

/// A place for the process to die at; the number is that of `transaction_point`, these come before it.
enum crash_point { nowhere = -3, before_checkpoint = -2, after_checkpoint = -1 };

std::string said(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

/// A job of one sink that writes `last_epoch` epochs, as a process of its own.
struct dying_job {
  explicit dying_job(const std::filesystem::path& folder) : store{folder / "store"} {
    admin.create_topic({.name = topic, .partitions = 1, .replication = 1, .configs = {}});
  }

  /// Runs it from what is saved until it ends, or dies at this point of this epoch. @returns its exit code.
  int run(int point = nowhere, std::uint64_t epoch = 0) {
    setenv("LEAT_TEST_BROKERS", brokers.c_str(), 1);
    setenv("LEAT_TEST_TOPIC", topic.c_str(), 1);
    setenv("LEAT_TEST_STORE", store.c_str(), 1);
    setenv("LEAT_TEST_POINT", std::to_string(point).c_str(), 1);
    setenv("LEAT_TEST_EPOCH", std::to_string(epoch).c_str(), 1);
    return process{{"/proc/self/exe", "[epoch-child]"}, store.string() + ".log"}.wait();
  }

  std::vector<std::string> content() const {
    std::vector<std::string> all;
    for (const auto& r : read_topic(kafka.brokers(), topic))
      all.push_back(r.payload.value_or("(null)"));
    return all;
  }

  kafka_server& kafka = kafka_server::shared();
  kafka_admin admin{kafka.brokers()};
  std::string brokers = kafka.brokers();
  std::string topic = fresh_topic("crash");
  std::filesystem::path store;
};

constexpr int killed = 128 + SIGKILL;

std::vector<std::string> all_lines() {
  std::vector<std::string> all;
  for (std::uint64_t e = 1; e <= last_epoch; ++e)
    for (auto& line : lines_of_epoch(e, lines_each))
      all.push_back(std::move(line));
  return all;
}

void die() { kill(getpid(), SIGKILL); }

} // namespace

TEST_CASE("what a process of the tests below does", "[.epoch-child]") {
  const auto point = std::stoi(said("LEAT_TEST_POINT"));
  const auto crash_epoch = std::stoull(said("LEAT_TEST_EPOCH"));
  const std::filesystem::path file = said("LEAT_TEST_STORE");
  auto store = saved_epochs::load(file);
  std::atomic<std::uint64_t> epoch = store.checkpoint();
  const auto topic = said("LEAT_TEST_TOPIC");
  transactional_under_test to{job_context{said("LEAT_TEST_BROKERS"), topic}, topic, 0, [&](transaction_point p) {
                                if (epoch == crash_epoch && static_cast<int>(p) == point)
                                  die();
                              }};
  to.restore(store);
  while (++epoch <= last_epoch) {
    to.write(lines_of_epoch(epoch, lines_each));
    const auto cut = to.writer->cut(epoch);
    if (epoch == crash_epoch && point == before_checkpoint)
      die();
    store.apply(epoch, cut);
    store.save(file);
    if (epoch == crash_epoch && point == after_checkpoint)
      die();
    to.writer->commit(epoch);
    to.wait_committed(epoch);
  }
}

TEST_CASE(
  "kill -9 at any point of a transaction neither loses nor repeats a record, also for who reads meanwhile", "[.real]") {
  const auto last_point = static_cast<int>(transaction_point::answered);
  for (int point = before_checkpoint; point <= last_point; ++point) {
    CAPTURE(point);
    temporary_folder folder;
    dying_job job{folder.path()};
    committed_reader meanwhile{job.kafka.brokers(), job.topic};
    REQUIRE(job.run(point, 3) == killed);
    REQUIRE(job.run(point, 5) == killed);
    REQUIRE(job.run() == 0);
    CHECK(job.content() == all_lines());
    CHECK(meanwhile.wait_for(last_epoch * lines_each) == all_lines());
  }
}

TEST_CASE("kill -9 ten times in a row while the last log is written at the start costs nothing", "[.real]") {
  temporary_folder folder;
  dying_job job{folder.path()};
  REQUIRE(job.run(after_checkpoint, 2) == killed);
  const auto size = std::filesystem::file_size(job.store);
  for (int i = 0; i < 10; ++i)
    REQUIRE(job.run(static_cast<int>(transaction_point::begun) + i % 3, 2) == killed);
  CHECK(std::filesystem::file_size(job.store) == size);
  REQUIRE(job.run() == 0);
  CHECK(job.content() == all_lines());
}
