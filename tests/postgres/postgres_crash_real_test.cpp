#include "../support/servers/cutting_proxy.hpp"
#include "../support/temporary_folder.hpp"
#include "postgres_fixture.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <future>
#include <thread>

using namespace leat;
using namespace leat::testing;

// Row 28 of the faults, and kill -9 at each point of a transaction. Rows are inserted into a table without a key: one that comes twice is
// there twice.

namespace {

constexpr std::uint64_t last_epoch = 6;
constexpr int orders_each = 1500;
constexpr int killed_by_signal = 128 + SIGKILL;

/// A place for the process to die at; the number is that of `pg_point`, these come before it.
enum death { at_no_point = -3, before_the_checkpoint = -2, behind_the_checkpoint = -1 };

constexpr const char* columns_without_key = "order_id text, version bigint, total numeric, note text, status text, items "
                                            "jsonb, ordered timestamptz, weight float8, gift bool";

std::string told(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

std::vector<order> orders_of_epoch(std::uint64_t epoch) {
  std::vector<order> all;
  for (int i = 0; i < orders_each; ++i)
    all.push_back(order_of(fmt::format("{}-{:04}", epoch, i), static_cast<std::int64_t>(epoch)));
  return all;
}

strings content(const test_table& table) {
  return table.rows("SELECT version, count(*), count(DISTINCT order_id) FROM {} GROUP BY 1 ORDER BY 1");
}

strings whole(std::uint64_t epochs) {
  strings all;
  for (std::uint64_t e = 1; e <= epochs; ++e)
    all.push_back(fmt::format("{0} {1} {1}", e, orders_each));
  return all;
}

/// A job of one sink that writes `last_epoch` epochs, as a process of its own.
struct dying_writer {
  explicit dying_writer(const std::filesystem::path& folder) : store{folder / "store"} {}

  /// Runs it from what is saved until it ends, or dies at this point of this epoch. @returns its exit code.
  [[nodiscard]] int run(int point = at_no_point, std::uint64_t epoch = 0) const {
    setenv("LEAT_TEST_CONNECTION", postgres_server::shared().connection().c_str(), 1);
    setenv("LEAT_TEST_TABLE", table.name().c_str(), 1);
    setenv("LEAT_TEST_STORE", store.c_str(), 1);
    setenv("LEAT_TEST_POINT", std::to_string(point).c_str(), 1);
    setenv("LEAT_TEST_EPOCH", std::to_string(epoch).c_str(), 1);
    return process{{"/proc/self/exe", "[epoch-child]"}, store.string() + ".log"}.wait();
  }

  const test_table table{columns_without_key};
  const std::filesystem::path store;
};

void end_this_process() { ::kill(::getpid(), SIGKILL); }

pg_job job_of(const std::string& connection, const std::string& name) { return pg_job{connection, "crash-" + name}; }

postgres::sink_spec<order> inserts(const std::string& table) { return postgres::sink<order>(table).exactly_once(); }

} // namespace

TEST_CASE("what a process of the test below does", "[.epoch-child]") {
  const auto point = std::stoi(told("LEAT_TEST_POINT"));
  const auto crash_epoch = std::stoull(told("LEAT_TEST_EPOCH"));
  const std::filesystem::path file = told("LEAT_TEST_STORE");
  auto store = saved_epochs::load(file);
  std::atomic<std::uint64_t> epoch = store.checkpoint();
  const auto table = told("LEAT_TEST_TABLE");
  sink_under_test to{inserts(table), job_of(told("LEAT_TEST_CONNECTION"), table), [&](pg_point p) {
                       if (epoch == crash_epoch && static_cast<int>(p) == point)
                         end_this_process();
                     }};
  to.restore(store);
  while (++epoch <= last_epoch) {
    to.log(orders_of_epoch(epoch));
    const auto cut = to.transactional->cut(epoch);
    if (epoch == crash_epoch && point == before_the_checkpoint)
      end_this_process();
    store.apply(epoch, cut);
    store.save(file);
    if (epoch == crash_epoch && point == behind_the_checkpoint)
      end_this_process();
    to.transactional->commit(epoch);
    to.wait_committed(epoch);
  }
}

TEST_CASE("kill -9 at any point of a transaction neither loses nor repeats a row", "[.real]") {
  for (int point = before_the_checkpoint; point <= static_cast<int>(pg_point::committed); ++point) {
    CAPTURE(point);
    temporary_folder folder;
    const dying_writer job{folder.path()};
    REQUIRE(job.run(point, 3) == killed_by_signal);
    REQUIRE(job.run(point, 5) == killed_by_signal);
    REQUIRE(job.run() == 0);
    CHECK(content(job.table) == whole(last_epoch));
  }
}

TEST_CASE(
  "a connection that is cut before, while and after the server commits neither loses nor repeats a row", "[.real]") {
  const auto& server = postgres_server::shared();
  for (const auto* text : {"BEGIN", "UPDATE public.leat_epochs", "COMMIT"}) {
    CAPTURE(text);
    const test_table table{columns_without_key};
    cutting_proxy proxy{server.port()};
    saved_epochs store;
    sink_under_test to{inserts(table.name()), job_of(server.connection(proxy.port()), table.name())};
    to.restore(store);
    to.epoch(1, orders_of_epoch(1), store);
    proxy.cut_answer_to(text);
    to.epoch(2, orders_of_epoch(2), store);
    CHECK(proxy.cuts() == 1);
    to.epoch(3, orders_of_epoch(3), store);
    CHECK(content(table) == whole(3));
  }
}

TEST_CASE("a server that crashes in the middle of a transaction costs no row", "[.real]") {
  auto& server = postgres_server::shared();
  const test_table table{columns_without_key};
  saved_epochs store;
  std::atomic<bool> crash = false, crashed = false;
  sink_under_test to{inserts(table.name()), job_of(server.connection(), table.name()), [&](pg_point p) {
                       if (p == pg_point::written && crash.exchange(false)) {
                         server.stop();
                         crashed = true;
                       }
                     }};
  to.restore(store);
  to.epoch(1, orders_of_epoch(1), store);
  crash = true;
  auto second = std::async(std::launch::async, [&] { to.epoch(2, orders_of_epoch(2), store); });
  while (!crashed)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  server.start();
  second.get();
  CHECK(content(table) == whole(2));
}

TEST_CASE("a transaction that loses against others is done again", "[.real]") {
  const test_table table{columns_without_key};
  table.execute(fmt::format(
    "CREATE SEQUENCE tries_{0}; CREATE FUNCTION lose_{0}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF nextval('tries_{0}') < 5 THEN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END IF; "
    "RETURN NEW; END $$; CREATE TRIGGER lose BEFORE INSERT ON {0} FOR EACH STATEMENT EXECUTE FUNCTION lose_{0}()",
    table.name()));
  saved_epochs store;
  sink_under_test to{inserts(table.name()), job_of(postgres_server::shared().connection(), table.name())};
  to.restore(store);
  to.epoch(1, orders_of_epoch(1), store);
  CHECK(content(table) == whole(1));
  CHECK(table.letters().empty());
}

TEST_CASE("a table that somebody holds locked is waited for within bounded memory", "[.real]") {
  const test_table table{columns_without_key};
  auto job = job_of(postgres_server::shared().connection(), table.name());
  job.set("postgres.epoch-memory", "1MB");
  saved_epochs store;
  sink_under_test to{inserts(table.name()), job};
  to.restore(store);
  pqxx::connection other{postgres_server::shared().connection()};
  auto lock = std::make_unique<pqxx::work>(other);
  lock->exec("LOCK TABLE " + table.name() + " IN SHARE ROW EXCLUSIVE MODE");
  std::uint64_t epoch = 0;
  std::size_t refused = 0;
  while (refused == 0 && epoch < 100) { // about 200 KB each: durable epochs that wait may have half of the memory
    refused = to.try_log(orders_of_epoch(epoch + 1));
    if (refused > 0)
      break;
    ++epoch;
    store.apply(epoch, to.transactional->cut(epoch));
    to.transactional->commit(epoch);
  }
  CHECK(epoch < 10);
  CHECK(content(table).empty());
  lock.reset(); // lets go
  to.wait_committed(epoch);
  CHECK(content(table) == whole(epoch));
}
