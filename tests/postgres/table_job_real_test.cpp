#include "../support/temporary_folder.hpp"
#include "table_fixture.hpp"

#include <leat/connectors/files.hpp>
#include <leat/connectors/local.hpp>
#include <leat/pipeline/job.hpp>
#include <leat/pipeline/run.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

using namespace leat;
using namespace leat::testing;
using namespace std::chrono_literals;

// Whole jobs over a table: they end by themselves, and kill -9 in the middle of the table neither loses nor repeats a row.

namespace {

struct purchase {
  std::int64_t id = 0;
  std::string customer;
  std::int64_t amount = 0;
  timestamp placed{};
};
BOOST_DESCRIBE_STRUCT(purchase, (), (id, customer, amount, placed))

struct spent {
  std::string customer;
  timestamp window_start;
  std::int64_t purchases = 0;
  std::int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(spent, (), (customer, window_start, purchases, total))

constexpr int purchases = 40'000;
constexpr int killed = 128 + SIGKILL;

test_table make_purchases() {
  test_table table{"id bigint PRIMARY KEY, customer text NOT NULL, amount bigint, placed timestamptz NOT NULL"};
  table.execute(fmt::format(
    "INSERT INTO {} SELECT n, 'c' || n % 11, n % 100, timestamptz '2024-05-01' + n * interval '1 second' "
    "FROM generate_series(1, {}) n",
    table.name(), purchases));
  return table;
}

auto purchases_of(const std::string& table) {
  return postgres::table<purchase>(table, &purchase::id).event_time(&purchase::placed, late_by(5s));
}

/// @returns the exit code.
int run_until_it_ends(job& j, const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"--set", "postgres.connection=" + postgres_server::shared().connection()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(j, plan_launch(command_line_parser{"shop", "A test."}, {}, arguments, {}));
}

std::vector<std::string> with_state(const temporary_folder& folder) {
  return {"--set", "checkpoints.directory=" + folder.path("state"),
          "--set", "checkpoints.interval=5ms",
          "--set", "postgres.page-rows=500"};
}

/// All lines of complete files.
std::vector<std::int64_t> ids_in(const temporary_folder& folder, const std::string& name) {
  std::vector<std::int64_t> all;
  for (const auto& file : folder.names(name)) {
    std::istringstream text{file.starts_with('.') ? "" : folder.text(fmt::format("{}/{}", name, file))};
    for (std::string line; std::getline(text, line);)
      if (line != "id,customer,amount,placed")
        all.push_back(std::stoll(line));
  }
  std::ranges::sort(all);
  return all;
}

bool has_complete_file(const std::string& folder) {
  std::error_code none;
  for (std::filesystem::directory_iterator at{folder, none}, end; !none && at != end; at.increment(none))
    if (!at->path().filename().string().starts_with('.'))
      return true;
  return false;
}

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

/// Copies the table to files, exactly once. @param passes sees each record.
template <class Passes>
int copy(const std::string& table, const std::string& out, const std::vector<std::string>& arguments, Passes passes) {
  job j{"shop"};
  j.source(purchases_of(table))
    .uid("purchases")
    .map([passes](const purchase& p) {
      passes(p);
      return p;
    })
    .sink(files::sink<purchase>(out, csv).exactly_once().roll_after(duration{0}))
    .uid("files");
  return run_until_it_ends(j, arguments);
}

} // namespace

TEST_CASE("a job over a table ends with it, and its windows are those that SQL would make", "[.real]") {
  const auto table = make_purchases();
  std::mutex m;
  std::set<std::string> rows; // guarded by m
  job j{"shop"};
  j.source(purchases_of(table.name()))
    .key_by(&purchase::customer)
    .window(tumbling(1h))
    .aggregate<spent>(key, window_start, count, sum(&purchase::amount))
    .sink(callback<spent>([&](const spent& s) {
      const std::lock_guard lock{m};
      rows.insert(fmt::format("{} {} {} {}", s.customer, to_millis(s.window_start), s.purchases, s.total));
    }));
  REQUIRE(run_until_it_ends(j) == exit_done);
  const auto expected = table.rows(
    "SELECT customer, floor(extract(epoch FROM date_trunc('hour', placed)))::bigint * 1000, count(*), sum(amount) FROM {} "
    "GROUP BY 1, 2");
  CHECK(rows == std::set<std::string>(expected.begin(), expected.end()));
}

TEST_CASE("rows that do not fit lie in files of a folder, and the job ends with the others", "[.real]") {
  const auto table = make_purchases();
  table.execute("UPDATE " + table.name() + " SET amount = NULL WHERE id % 1000 = 0");
  const temporary_folder folder;
  std::atomic<int> read = 0;
  job j{"shop"};
  j.source(purchases_of(table.name()).named("purchases").dead_letters(folder.path("bad")))
    .sink(callback<purchase>([&](const purchase&) { ++read; }));
  REQUIRE(run_until_it_ends(j) == exit_done);
  CHECK(read == purchases - 40);
  std::string letters;
  for (const auto& file : folder.names("bad"))
    letters += folder.text("bad/" + file);
  CHECK(std::ranges::count(letters, '\n') == 40);
  CHECK_THAT(letters, Catch::Contains("field `amount`") && Catch::Contains("\"step\":\"purchases\""));
}

TEST_CASE("rows that a step refuses lie there as JSON as well", "[.real]") {
  const auto table = make_purchases();
  const temporary_folder folder;
  job j{"shop"};
  j.source(purchases_of(table.name()).dead_letters(folder.path("bad")))
    .map([](const purchase& p) {
      if (p.id == 7)
        throw std::runtime_error{"unlucky"};
      return p;
    })
    .dead_letters()
    .sink(callback<purchase>([](const purchase&) {}));
  REQUIRE(run_until_it_ends(j) == exit_done);
  std::string letters;
  for (const auto& file : folder.names("bad"))
    letters += folder.text("bad/" + file);
  CHECK_THAT(
    letters, Catch::Contains("unlucky") && Catch::Contains(R"("key":"7")") &&
               Catch::Contains(R"("payload":"{\"id\":7,\"customer\":\"c7\",)"));
}

TEST_CASE("what a job that reads a table does until it is killed", "[.table-child]") {
  const auto out = environment("LEAT_TEST_OUT");
  std::vector<std::string> arguments{"--set", "checkpoints.directory=" + environment("LEAT_TEST_STATE"),
                                     "--set", "checkpoints.interval=5ms",
                                     "--set", "postgres.page-rows=500",
                                     "--set", "postgres.connection=" + environment("LEAT_TEST_CONNECTION")};
  // As slow as it takes to see a checkpoint in the middle of the table.
  (void)copy(
    environment("LEAT_TEST_TABLE"), out, arguments,
    [out, last = std::stoll(environment("LEAT_TEST_LAST"))](const purchase& p) {
      if (p.id < last)
        return;
      if (has_complete_file(out))
        ::kill(::getpid(), SIGKILL);
      std::this_thread::sleep_for(1ms);
    });
}

TEST_CASE("kill -9 in the middle of a table neither loses nor repeats a row", "[.real]") {
  const auto table = make_purchases();
  const temporary_folder folder;
  setenv("LEAT_TEST_CONNECTION", postgres_server::shared().connection().c_str(), 1);
  setenv("LEAT_TEST_TABLE", table.name().c_str(), 1);
  setenv("LEAT_TEST_STATE", folder.path("state").c_str(), 1);
  setenv("LEAT_TEST_OUT", folder.path("out").c_str(), 1);
  for (const auto* const last : {"3000", "20000"}) {
    setenv("LEAT_TEST_LAST", last, 1);
    REQUIRE(process{{"/proc/self/exe", "[table-child]"}, folder.path("child.log")}.wait() == killed);
  }
  std::atomic<int> read = 0;
  REQUIRE(copy(table.name(), folder.path("out"), with_state(folder), [&](const purchase&) { ++read; }) == exit_done);
  CHECK(read < purchases); // it has gone on from a checkpoint
  std::vector<std::int64_t> all;
  for (std::int64_t id = 1; id <= purchases; ++id)
    all.push_back(id);
  CHECK(ids_in(folder, "out") == all);
}
