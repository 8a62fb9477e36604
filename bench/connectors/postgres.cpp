// Upserts of orders into PostgreSQL: the sink's writers, at least once and exactly once, and the loop on libpq that one would write by
// hand, by turns into tables of their own on one server.

#include <leat/bench/connectors/connectors.hpp>

#include <leat/bench/connectors/some_orders.hpp>
#include <leat/connectors/postgres.hpp>
#include <leat/tests/support/servers/postgres_server.hpp>

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace leat {

namespace bench {

/// What the pipeline keeps of an order.
struct order_row {
  std::string order_id;
  std::string customer_id;
  decimal total_amount;
  std::string status;
  leat::timestamp updated{};
  std::int32_t items = 0;
};
BOOST_DESCRIBE_STRUCT(order_row, (), (order_id, customer_id, total_amount, status, updated, items))

} // namespace bench

namespace {

using namespace bench;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t rows = 200'000;
constexpr std::size_t keys = 50'000; // so that three of four rows overwrite one
constexpr int rounds = 5;            // the median of which counts
constexpr int rows_per_statement = 1'000;

std::vector<order_row> some_rows() {
  std::vector<order_row> all;
  const auto orders = some_orders(rows);
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const auto& o = orders[i];
    all.push_back(
      {fmt::format("o-{:08}", i * 7919 % keys), o.customer_id, o.total_amount, o.status, o.timestamp,
       static_cast<std::int32_t>(o.items.size())});
  }
  return all;
}

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(1);
}

struct closing {
  void operator()(PGconn* c) const { PQfinish(c); }
  void operator()(PGresult* r) const { PQclear(r); }
};
using connection_ptr = std::unique_ptr<PGconn, closing>;

std::string execute(PGconn* on, const std::string& sql) {
  const std::unique_ptr<PGresult, closing> result{PQexec(on, sql.c_str())};
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    give_up(fmt::format("{}: {}", sql, PQerrorMessage(on)));
  return status == PGRES_TUPLES_OK && PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

void make_table(PGconn* on, const std::string& name) {
  execute(
    on, fmt::format(
          "DROP TABLE IF EXISTS {0}; CREATE TABLE {0} (order_id text PRIMARY KEY, customer_id text NOT NULL, total_amount "
          "numeric NOT NULL, status text NOT NULL, updated timestamptz NOT NULL, items int NOT NULL)",
          name));
}

/// As by hand: a prepared statement with the values of a thousand rows as text, a transaction each; of two rows with one key in
/// a statement only the last, or the server refuses it.
double seconds_by_hand(PGconn* on, const std::vector<order_row>& all) {
  constexpr int columns = 6;
  make_table(on, "by_hand");
  const auto statement = [](std::size_t count) {
    std::string sql = "INSERT INTO by_hand (order_id, customer_id, total_amount, status, updated, items) VALUES ";
    for (std::size_t r = 0; r < count; ++r) {
      sql += r == 0 ? "(" : ", (";
      for (int c = 0; c < columns; ++c)
        sql += fmt::format("{}${}", c == 0 ? "" : ", ", static_cast<int>(r) * columns + c + 1);
      sql += ")";
    }
    return sql + " ON CONFLICT (order_id) DO UPDATE SET customer_id = excluded.customer_id, total_amount = "
                 "excluded.total_amount, "
                 "status = excluded.status, updated = excluded.updated, items = excluded.items";
  };
  const std::unique_ptr<PGresult, closing> prepared{
    PQprepare(on, "upsert", statement(rows_per_statement).c_str(), 0, nullptr)};
  const auto began = clock_type::now();
  std::vector<std::array<std::string, columns>> texts(rows_per_statement);
  std::vector<const char*> values(static_cast<std::size_t>(rows_per_statement) * columns);
  for (std::size_t at = 0; at < all.size(); at += rows_per_statement) { // keys repeat only after more rows than that
    for (std::size_t r = 0; r < rows_per_statement; ++r) {
      const auto& row = all[at + r];
      texts[r] = {
        row.order_id,
        row.customer_id,
        to_string(row.total_amount),
        row.status,
        format_timestamp(row.updated),
        std::to_string(row.items)};
      for (std::size_t c = 0; c < columns; ++c)
        values[r * columns + c] = texts[r][c].c_str();
    }
    const std::unique_ptr<PGresult, closing> result{
      PQexecPrepared(on, "upsert", static_cast<int>(values.size()), values.data(), nullptr, nullptr, 0)};
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
      give_up(PQerrorMessage(on));
  }
  const std::chrono::duration<double> took = clock_type::now() - began;
  execute(on, "DEALLOCATE upsert");
  return took.count();
}

/// What a job would be to the sink's writers.
struct pretended_job {
  explicit pretended_job(const std::string& connection) {
    for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{
           {"postgres.connection", connection},
           {"postgres.password-file", ""},
           {"postgres.batch-rows", "5000"},
           {"postgres.batch-bytes", "1MB"},
           {"postgres.batch-delay", "100ms"},
           {"postgres.epoch-memory", "128MB"},
           {"postgres.allow-duplicates", "true"}})
      config.set(key, setting{.value = value, .origin = "bench", .items = {}, .is_list = false});
    context.job = "bench";
    context.step = "orders";
    context.config = &config;
    context.metrics = &counters;
  }

  [[nodiscard]] waker wake() {
    return [this] {
      const std::lock_guard lock{m};
      called = true;
      more.notify_one();
    };
  }
  void wait() {
    std::unique_lock lock{m};
    more.wait_for(lock, std::chrono::milliseconds{10}, [this] { return called; });
    called = false;
  }

  settings config;
  metrics counters;
  connector_context context;
  std::mutex m;
  std::condition_variable more;
  bool called = false;
};

std::vector<batch_ptr> batches_of(const std::vector<order_row>& all) {
  const auto pool = make_pool<order_row>();
  std::vector<batch_ptr> made;
  for (std::size_t at = 0; at < all.size(); at += max_batch_records) {
    auto& in = static_cast<batch<order_row>&>(*made.emplace_back(pool->take()));
    for (auto i = at; i < std::min(all.size(), at + max_batch_records); ++i)
      in.push(all[i], timestamp{});
  }
  return made;
}

template <class Writer>
void take(Writer& writer, const std::vector<batch_ptr>& all, pretended_job& job) {
  for (const auto& in : all)
    for (std::size_t done = 0; done < in->size();)
      if (done += writer.write(*in, done); done < in->size())
        job.wait();
}

auto orders_sink(const std::string& table) { return postgres::sink<order_row>(table).upsert(&order_row::order_id); }

double seconds_at_least_once(const std::string& connection, PGconn* on, const std::vector<batch_ptr>& all) {
  make_table(on, "at_least_once");
  pretended_job job{connection};
  const auto sink = orders_sink("at_least_once").make_sink();
  sink->open(job.context);
  const auto writer = sink->make_writer(0, 1, job.wake());
  const auto began = clock_type::now();
  take(*writer, all, job);
  const auto last = writer->mark();
  while (writer->delivered() < last)
    job.wait();
  return std::chrono::duration<double>(clock_type::now() - began).count();
}

/// An epoch for each twenty thousand rows, logged while the one before is written.
double seconds_exactly_once(const std::string& connection, PGconn* on, const std::vector<batch_ptr>& all) {
  constexpr std::size_t batches_per_epoch = 20;
  make_table(on, "exactly_once");
  execute(on, "DROP TABLE IF EXISTS leat_epochs");
  pretended_job job{connection};
  const auto sink = orders_sink("exactly_once").exactly_once().make_sink();
  sink->open(job.context);
  const auto writer = sink->make_transactional_writer(0, 1, job.wake());
  writer->restore(0, {});
  while (!writer->restored())
    job.wait();
  const auto began = clock_type::now();
  std::uint64_t epoch = 0;
  for (std::size_t at = 0; at < all.size(); at += batches_per_epoch) {
    take(
      *writer,
      {all.begin() + static_cast<std::ptrdiff_t>(at),
       all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), at + batches_per_epoch))},
      job);
    (void)writer->cut(++epoch);
    writer->commit(epoch);
  }
  while (writer->committed() < epoch)
    job.wait();
  return std::chrono::duration<double>(clock_type::now() - began).count();
}

double median(std::vector<double> of) {
  std::ranges::nth_element(of, of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2));
  return of[of.size() / 2];
}

} // namespace

void bench::report_postgres(bench_report& report) {
  testing::postgres_server server;
  const connection_ptr on{PQconnectdb(server.connection().c_str())};
  PQsetNoticeProcessor(
    on.get(), [](void*, const char*) {}, nullptr);
  const auto all = some_rows();
  const auto batches = batches_of(all);
  std::array<std::vector<double>, 3> seconds;
  for (int round = 0; round <= rounds; ++round) {
    const std::array now{
      seconds_by_hand(on.get(), all), seconds_at_least_once(server.connection(), on.get(), batches),
      seconds_exactly_once(server.connection(), on.get(), batches)};
    if (round > 0) // the first warms up
      for (std::size_t i = 0; i < now.size(); ++i)
        seconds[i].push_back(now[i]);
  }
  const auto sum = [&](const std::string& table) {
    return execute(on.get(), fmt::format("SELECT md5(string_agg(t::text, '' ORDER BY order_id)) FROM {} t", table));
  };
  if (sum("by_hand") != sum("at_least_once") || sum("by_hand") != sum("exactly_once"))
    give_up("the tables are not the same");
  const auto rate = [&](std::size_t i) { return rows / median(seconds[i]); };
  report.add({"PostgreSQL upsert by hand, libpq", rate(0), "rows/s"});
  report.add({"PostgreSQL upsert, at least once", rate(1), "rows/s", "by hand", rate(1) / rate(0), ratio_at_least(0.7)});
  report.add({"PostgreSQL upsert, exactly once", rate(2), "rows/s", "by hand", rate(2) / rate(0)});
}

} // namespace leat
