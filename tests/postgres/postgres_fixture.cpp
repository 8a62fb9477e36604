#include "postgres_fixture.hpp"

#include "../support/wait_until.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace leat::testing {

namespace {

std::vector<batch_ptr> batches_of_orders(std::vector<order> records) {
  static const auto pool = make_pool<order>();
  std::vector<batch_ptr> made;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i % max_batch_records == 0)
      made.push_back(pool->take());
    static_cast<batch<order>&>(*made.back()).push(std::move(records[i]), timestamp{});
  }
  return made;
}

} // namespace

pg_job::pg_job(const std::string& connection, const std::string& job) {
  for (const auto& [key, value] : std::map<std::string, std::string>{
         {"postgres.connection", connection},
         {"postgres.password-file", ""},
         {"postgres.batch-rows", "1000"},
         {"postgres.batch-bytes", "1MB"},
         {"postgres.batch-delay", "50ms"},
         {"postgres.epoch-memory", "64MB"},
         {"postgres.allow-duplicates", "false"},
         {"postgres.page-rows", "500"},
         {"postgres.page-bytes", "1MB"},
         {"time.max-past", "36500d"},
         {"time.max-future", "36500d"}})
    set(key, value);
  context.job = job;
  context.step = "orders";
  context.config = config.get();
  context.metrics = counters.get();
}

void pg_job::set(const std::string& key, const std::string& value) {
  config->set(key, setting{.value = value, .origin = "--set", .items = {}, .is_list = false});
}

test_table::test_table(const std::string& columns) {
  static int count = 0;
  name_ = fmt::format("orders_{}", ++count);
  if (!columns.empty())
    execute(fmt::format("CREATE TABLE {} ({})", name_, columns));
}

std::vector<std::string> test_table::rows(std::string query) const {
  if (const auto at = query.find("{}"); at != query.npos)
    query.replace(at, 2, name_);
  pqxx::connection through{postgres_server::shared().connection()};
  std::vector<std::string> all;
  for (const auto& row : pqxx::nontransaction{through}.exec(query)) {
    std::string line;
    for (const auto& value : row)
      line += (line.empty() ? "" : " ") + (value.is_null() ? std::string{"NULL"} : value.as<std::string>());
    all.push_back(line);
  }
  return all;
}

void test_table::execute(const std::string& sql) const {
  pqxx::connection through{postgres_server::shared().connection()};
  pqxx::nontransaction{through}.exec(sql);
}

std::vector<std::string> test_table::letters() const {
  return rows(fmt::format(
    "SELECT reason || ' <' || convert_from(payload, 'UTF8') || '>' FROM leat_dead_letters WHERE topic = 'public.{}' ORDER "
    "BY id",
    name_));
}

sink_under_test::sink_under_test(
  const postgres::sink_spec<order>& of, pg_job with, const std::function<void(pg_point)>& passes)
  : job{std::move(with)}, sink{of.watched(passes).make_sink()} {
  sink->open(job.context);
}

void sink_under_test::write(std::vector<order> records) {
  if (!writer)
    writer = sink->make_writer(0, 1, wake.as_waker());
  for (const auto& in : batches_of_orders(std::move(records)))
    for (std::size_t done = 0; done < in->size();)
      if (done += writer->write(*in, done); done < in->size())
        wake.wait(std::chrono::milliseconds{100});
  const auto segment = writer->mark();
  wait_until("rows to be delivered", std::chrono::seconds{30}, [&] { return writer->delivered() >= segment; });
}

void sink_under_test::restore(const saved_epochs& from, std::uint32_t instance, std::uint32_t parallelism) {
  transactional = sink->make_transactional_writer(instance, parallelism, wake.as_waker());
  transactional->restore(from.checkpoint(), from.logs_for(instance, parallelism));
  wait_until("the writer to be restored", std::chrono::seconds{30}, [&] { return transactional->restored(); });
}

void sink_under_test::log(std::vector<order> records) {
  for (const auto& in : batches_of_orders(std::move(records)))
    wait_until("room", std::chrono::seconds{30}, [&, done = std::size_t{0}]() mutable {
      done += transactional->write(*in, done);
      return done == in->size();
    });
}

std::size_t sink_under_test::try_log(std::vector<order> records) {
  std::size_t left = 0;
  for (const auto& in : batches_of_orders(std::move(records)))
    left += left > 0 ? in->size() : in->size() - transactional->write(*in, 0);
  return left;
}

void sink_under_test::epoch(std::uint64_t number, std::vector<order> records, saved_epochs& store) {
  log(std::move(records));
  store.apply(number, transactional->cut(number));
  transactional->commit(number);
  wait_committed(number);
}

void sink_under_test::wait_committed(std::uint64_t epoch) {
  wait_until("the epoch to be committed", std::chrono::seconds{30}, [&] { return transactional->committed() >= epoch; });
}

} // namespace leat::testing
